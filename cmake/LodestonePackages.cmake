# DEBs of the two components (packaging/deb.sh). Included last: CPack reads what is known by then.
# Who answers for the packages, as "NAME <MAIL>".
set(packager "Lodestone developers <lodestone@example.org>")
if(NOT "$ENV{LODESTONE_PACKAGER}" STREQUAL "")
    set(packager "$ENV{LODESTONE_PACKAGER}")
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lodestone)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "sparse fine-tuning of equivariant interatomic models")
set(CPACK_PACKAGE_CONTACT ${packager})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL "")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SECTION science)

set(purpose "Adapts pre-trained E(3)-equivariant interatomic models (MACE, SevenNet,
NequIP and Nequix) to one material by sparse fine-tuning: only a few per cent
of the weights change.")
if(LODESTONE_ENGINE)
    list(APPEND CPACK_COMPONENTS_ALL engine)
    set(CPACK_DEBIAN_ENGINE_PACKAGE_NAME lodestone-engine)
    set(CPACK_DEBIAN_ENGINE_PACKAGE_SOURCE lodestone)
    if(LODESTONE_OPENBLAS_OPENMP)
        set(CPACK_DEBIAN_ENGINE_PACKAGE_DEPENDS libopenblas0-openmp)
    endif()
    if(LODESTONE_MPI)
        set(CPACK_DEBIAN_ENGINE_PACKAGE_SUGGESTS openmpi-bin) # mpirun
    endif()
    set(CPACK_COMPONENT_ENGINE_DESCRIPTION "${purpose}
It reads and writes the models' own files without Python.
.
This is the program for the command line; the package lodestone has the
window.")
endif()
if(LODESTONE_DESKTOP)
    list(APPEND CPACK_COMPONENTS_ALL desktop)
    set(CPACK_DEBIAN_DESKTOP_PACKAGE_NAME lodestone)
    # Not a dependency: an engine that was built against a CUDA LibTorch takes its place.
    set(CPACK_DEBIAN_DESKTOP_PACKAGE_RECOMMENDS
        "lodestone-engine (= ${PROJECT_VERSION}), ca-certificates, qt6-translations-l10n")
    set(CPACK_COMPONENT_DESKTOP_DESCRIPTION "${purpose}
Load structures and a model, tick the blocks that may change, start the run
in a background engine, watch which weights change, and see the magnetic
moments in 3D before and after.
.
Runs are computed by lodestone-engine, from the package of that name or built
against another LibTorch.")
endif()
include(CPack)
