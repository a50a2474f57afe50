# Compiler cache, fast linker, warnings, sanitizers.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The sloppiness settings are what ccache asks for when precompiled headers are used.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()
# Not mold: Debian 12's 1.10 wrote a program that the loader refused, and hung on another one.
find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM)
    add_link_options(-fuse-ld=lld)
endif()

add_library(lodestone_warnings INTERFACE)
target_compile_options(lodestone_warnings INTERFACE -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual
                       -Wcast-qual -Wduplicated-cond -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(lodestone_warnings INTERFACE -Wno-unknown-warning-option)
endif()
# GCC 13 and later take a reference that a function returns for one into its temporary arguments, a key made of a literal
# included.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    target_compile_options(lodestone_warnings INTERFACE -Wno-dangling-reference)
endif()
# GCC's analysis stumbles over the code that sanitizers insert, in the standard library's optional too.
if(LODESTONE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(lodestone_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
if(LODESTONE_WERROR)
    target_compile_options(lodestone_warnings INTERFACE -Werror)
endif()
# Qt's "slots" and "emit" clash with LibTorch and TBB: nobody uses them (see docs/architecture.md).
add_compile_definitions(QT_NO_KEYWORDS)
# GCC marks precompiled headers by absolute paths otherwise.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
endif()
if(LODESTONE_ASSERTIONS)
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(LODESTONE_NATIVE)
    add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-march=native>)
endif()
if(LODESTONE_SANITIZE)
    add_compile_options(-fsanitize=${LODESTONE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${LODESTONE_SANITIZE})
endif()
