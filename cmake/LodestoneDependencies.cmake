# Every outside library, once. Rooms link the targets made here and nothing else.
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)

find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
add_library(lodestone_zstd INTERFACE)
target_include_directories(lodestone_zstd SYSTEM INTERFACE ${ZSTD_INCLUDE_DIR})
target_link_libraries(lodestone_zstd INTERFACE ${ZSTD_LIBRARY})

# The serial HDF5: libvtk9-dev brings the MPI flavour along, which must not be picked.
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C)
if(HDF5_IS_PARALLEL)
    message(FATAL_ERROR "CMake found the MPI build of HDF5; install libhdf5-dev (serial).")
endif()
add_library(lodestone_hdf5 INTERFACE)
target_include_directories(lodestone_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_link_libraries(lodestone_hdf5 INTERFACE ${HDF5_C_LIBRARIES})

# gemmi is used header-only (its CIF grammar); the Debian package has no CMake file.
find_path(GEMMI_INCLUDE_DIR gemmi/cif.hpp REQUIRED)
add_library(lodestone_gemmi INTERFACE)
target_include_directories(lodestone_gemmi SYSTEM INTERFACE ${GEMMI_INCLUDE_DIR})

find_path(SPGLIB_INCLUDE_DIR spglib.h REQUIRED)
find_library(SPGLIB_LIBRARY symspg REQUIRED)
add_library(lodestone_spglib INTERFACE)
target_include_directories(lodestone_spglib SYSTEM INTERFACE ${SPGLIB_INCLUDE_DIR})
target_link_libraries(lodestone_spglib INTERFACE ${SPGLIB_LIBRARY})

if(LODESTONE_ENGINE)
    find_package(CLI11 REQUIRED)
    find_package(Torch REQUIRED)
    find_package(OpenMP REQUIRED COMPONENTS CXX)
    message(STATUS "LibTorch ${Torch_VERSION}")
    add_library(lodestone_torch INTERFACE)
    target_include_directories(lodestone_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
    target_link_libraries(lodestone_torch INTERFACE ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
    # TORCH_CXX_FLAGS carries the C++ ABI of the LibTorch at hand.
    separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
    target_compile_options(lodestone_torch INTERFACE ${torch_flags})
    add_library(lodestone_torch_pch_includes INTERFACE)
endif()
if(LODESTONE_DESKTOP)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets OpenGL OpenGLWidgets Svg PrintSupport Concurrent Network
                 LinguistTools)
    find_package(VTK 9.1 REQUIRED COMPONENTS
                 CommonCore CommonDataModel CommonTransforms FiltersCore FiltersSources FiltersGeneral
                 InteractionStyle InteractionWidgets IOImage RenderingAnnotation RenderingCore RenderingFreeType
                 RenderingOpenGL2 RenderingUI)
    find_path(QCUSTOMPLOT_INCLUDE_DIR qcustomplot.h REQUIRED)
    find_library(QCUSTOMPLOT_LIBRARY NAMES QCustomPlotQt6 qcustomplot-qt6 REQUIRED)
    add_library(lodestone_qcustomplot INTERFACE)
    target_include_directories(lodestone_qcustomplot SYSTEM INTERFACE ${QCUSTOMPLOT_INCLUDE_DIR})
    target_link_libraries(lodestone_qcustomplot INTERFACE ${QCUSTOMPLOT_LIBRARY} Qt6::Widgets Qt6::PrintSupport)
endif()
if(LODESTONE_TESTS)
    find_package(Qt6 QUIET COMPONENTS Core Test)
    if(NOT Qt6Test_FOUND)
        message(STATUS "Qt 6 Test is not installed: the tests are left out.")
        set(LODESTONE_TESTS OFF)
    endif()
endif()
if(LODESTONE_BENCHMARKS)
    find_package(benchmark REQUIRED)
endif()
