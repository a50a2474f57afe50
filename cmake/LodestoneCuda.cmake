# Kernels for CUDA devices: compiled where nvcc is found, so that they cannot rot; used where LibTorch was built with CUDA.
# Sets LODESTONE_COMPILES_CUDA and LODESTONE_USES_CUDA. Included from the top folder, since CMake wants a language to be
# enabled above all that links it.
set(LODESTONE_CUDA AUTO CACHE STRING "Compile the CUDA kernels: ON, OFF or AUTO (where nvcc 12 or newer is found)")
set_property(CACHE LODESTONE_CUDA PROPERTY STRINGS AUTO ON OFF)
set(LODESTONE_COMPILES_CUDA OFF)
set(LODESTONE_USES_CUDA OFF)
# nvcc does not know the sanitizers' flags.
if(LODESTONE_CUDA AND LODESTONE_ENGINE AND NOT LODESTONE_SANITIZE)
    if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
        find_program(LODESTONE_NVCC nvcc HINTS ${CUDAToolkit_ROOT} ENV CUDAToolkit_ROOT ENV CUDA_PATH ENV CUDA_HOME
                     PATHS /usr/local/cuda PATH_SUFFIXES bin)
        if(LODESTONE_NVCC)
            set(ENV{CUDACXX} ${LODESTONE_NVCC}) # what check_language() tries
        endif()
    endif()
    if(NOT CMAKE_CUDA_ARCHITECTURES)
        set(CMAKE_CUDA_ARCHITECTURES 80 90)
    endif()
    set(CMAKE_CUDA_RUNTIME_LIBRARY Shared) # one runtime in a program: the one that LibTorch brings
    include(CheckLanguage)
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        enable_language(CUDA)
        # nvcc may compile for the host by an older GCC than ours; its folder would bring that one's libstdc++ into our
        # programs (Debian 13: GCC 13 beside 14, which has symbols that LibTorch's libraries need).
        list(FILTER CMAKE_CUDA_IMPLICIT_LINK_DIRECTORIES EXCLUDE REGEX "/gcc/")
        if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake 3.25 does not know that nvcc speaks C++20
            set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
            set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
        endif()
        find_package(CUDAToolkit QUIET)
    endif()
    if(CUDAToolkit_FOUND AND CUDAToolkit_VERSION VERSION_GREATER_EQUAL 12)
        set(LODESTONE_COMPILES_CUDA ON)
        if(TARGET torch_cuda OR TORCH_CUDA_LIBRARIES)
            set(LODESTONE_USES_CUDA ON)
        endif()
    elseif(NOT LODESTONE_CUDA STREQUAL AUTO)
        message(FATAL_ERROR "LODESTONE_CUDA is ON, but CMake found no CUDA toolkit of version 12 or newer.")
    endif()
endif()
message(STATUS "CUDA kernels: compiled ${LODESTONE_COMPILES_CUDA}, used ${LODESTONE_USES_CUDA}")
