# Where real models, data and reference numbers lie (tests that need them skip when the folder is absent).
set(LODESTONE_SHARED "${PROJECT_SOURCE_DIR}/../shared" CACHE PATH "Models, data and fixtures for the tests")

# lodestone_test(FILE.cpp LIBS target... [TIMEOUT seconds] [TORCH] [XVFB])
# One Qt Test program per file, one ctest entry of the same name.
# Tests run two at a time: one thread each, and idle OpenMP threads sleep instead of spinning.
function(lodestone_test file)
    cmake_parse_arguments(TEST "TORCH;XVFB;SERIAL" "TIMEOUT" "LIBS;SOURCES;LABELS" ${ARGN})
    get_filename_component(name ${file} NAME_WE)
    add_executable(${name} ${file} ${TEST_SOURCES})
    set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/core)
    target_link_libraries(${name} PRIVATE ${TEST_LIBS} Qt6::Test lodestone_warnings)
    target_compile_definitions(${name} PRIVATE
        LODESTONE_SHARED="${LODESTONE_SHARED}" LODESTONE_SOURCE="${PROJECT_SOURCE_DIR}"
        LODESTONE_BIN="${PROJECT_BINARY_DIR}/bin")
    if(TEST_TORCH)
        lodestone_torch_test_pch(${name})
    endif()
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 300)
    endif()
    set(command $<TARGET_FILE:${name}>)
    if(TEST_XVFB)
        set(command xvfb-run -a -s "-screen 0 1600x1000x24" $<TARGET_FILE:${name}>)
    endif()
    add_test(NAME ${name} COMMAND ${command})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT}
        ENVIRONMENT "LC_ALL=C.UTF-8;OMP_NUM_THREADS=1;OMP_WAIT_POLICY=passive;QTEST_FUNCTION_TIMEOUT=1800000")
    if(LODESTONE_SANITIZE)
        set(sanitizers ${PROJECT_SOURCE_DIR}/tests/sanitizers)
        # die_after_fork: tests start other programs, for which Qt forks. allocator_may_return_null: tests ask LibTorch
        # for more than there is.
        set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
            "ASAN_OPTIONS=allocator_may_return_null=1"
            "LSAN_OPTIONS=suppressions=${sanitizers}/leaks.txt:print_suppressions=0"
            "UBSAN_OPTIONS=print_stacktrace=1"
            "TSAN_OPTIONS=suppressions=${sanitizers}/threads.txt:ignore_noninstrumented_modules=1:die_after_fork=0")
    endif()
    if(NOT TEST_XVFB)
        set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT QT_QPA_PLATFORM=offscreen)
    endif()
    if(TEST_SERIAL)
        set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
    endif()
    if(TEST_LABELS)
        set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}")
    endif()
endfunction()

# Tests are executables with other flags than the rooms: they share a precompiled header of their own.
function(lodestone_torch_test_pch target)
    if(NOT LODESTONE_PCH)
        return()
    endif()
    if(NOT TARGET lodestone_torch_test_pch)
        file(WRITE ${PROJECT_BINARY_DIR}/torch_test_pch.cpp "int main() {}\n")
        add_executable(lodestone_torch_test_pch ${PROJECT_BINARY_DIR}/torch_test_pch.cpp)
        target_link_libraries(lodestone_torch_test_pch PRIVATE lodestone_torch Qt6::Test lodestone_warnings)
        target_compile_definitions(lodestone_torch_test_pch PRIVATE
            LODESTONE_SHARED="${LODESTONE_SHARED}" LODESTONE_SOURCE="${PROJECT_SOURCE_DIR}"
            LODESTONE_BIN="${PROJECT_BINARY_DIR}/bin")
        target_precompile_headers(lodestone_torch_test_pch PRIVATE <torch/torch.h> <QtTest/QtTest>)
    endif()
    target_precompile_headers(${target} REUSE_FROM lodestone_torch_test_pch)
endfunction()
