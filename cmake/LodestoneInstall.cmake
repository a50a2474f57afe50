# What is installed, in two components: "desktop" and "engine", which can be replaced by one with another LibTorch.
include(GNUInstallDirs)
set(id io.github.lodestone.Lodestone)
set(resources ${PROJECT_SOURCE_DIR}/resources)
find_program(GZIP_PROGRAM gzip REQUIRED)
set(changelog ${PROJECT_SOURCE_DIR}/packaging/changelog)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/manual/changelog.gz VERBATIM DEPENDS ${changelog}
                   COMMAND ${GZIP_PROGRAM} -9nc ${changelog} > ${PROJECT_BINARY_DIR}/manual/changelog.gz)
add_custom_target(lodestone_manuals ALL DEPENDS ${PROJECT_BINARY_DIR}/manual/changelog.gz)

# lodestone_install_program(TARGET COMPONENT [PART...]): the program, and what it prints of itself: manual page and
# completions, which are made anew with each of its parts.
function(lodestone_install_program target component)
    set(folder ${PROJECT_BINARY_DIR}/manual)
    set(page ${folder}/${target}.1.gz)
    set(bash ${folder}/${target}.bash)
    set(fish ${folder}/${target}.fish)
    add_custom_command(OUTPUT ${page} ${bash} ${fish} VERBATIM DEPENDS ${target} ${ARGN}
        COMMAND ${target} --man > ${folder}/${target}.1
        COMMAND ${GZIP_PROGRAM} -9nf ${folder}/${target}.1
        COMMAND ${target} --completion bash > ${bash}
        COMMAND ${target} --completion fish > ${fish}
        COMMENT "Manual page and completions of ${target}")
    add_custom_target(manual_of_${target} DEPENDS ${page})
    add_dependencies(lodestone_manuals manual_of_${target})
    install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${component})
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${component})
    install(FILES ${bash} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${target}
            COMPONENT ${component})
    install(FILES ${fish} DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT ${component})
    # What Debian wants to know of every package, and is good to have elsewhere.
    set(documents ${CMAKE_INSTALL_DATADIR}/doc/${target})
    install(FILES ${PROJECT_SOURCE_DIR}/packaging/copyright ${folder}/changelog.gz DESTINATION ${documents}
            COMPONENT ${component})
endfunction()

if(LODESTONE_ENGINE)
    lodestone_install_program(lodestone-engine engine lodestone-compute)
    install(TARGETS lodestone-compute RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/lodestone-engine COMPONENT engine)
    if(LODESTONE_OPENBLAS_OPENMP) # app/lodestone-compute; the usual path leads to whichever OpenBLAS the system prefers
        get_filename_component(blas ${LODESTONE_OPENBLAS_OPENMP} DIRECTORY)
        set_target_properties(lodestone-compute PROPERTIES INSTALL_RPATH ${blas})
        file(WRITE ${PROJECT_BINARY_DIR}/manual/lintian
             "# Debian's OpenBLAS with OpenMP, which the package depends on: the pthread build, where that is the system's\n"
             "# choice, takes the cores from LibTorch's threads.\n"
             "lodestone-engine: custom-library-search-path *\n")
        install(FILES ${PROJECT_BINARY_DIR}/manual/lintian DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
                RENAME lodestone-engine COMPONENT engine)
    endif()
    file(GLOB documents ${PROJECT_SOURCE_DIR}/docs/*.md)
    install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lodestone-engine COMPONENT engine)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/images DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lodestone-engine
            COMPONENT engine)
endif()
if(LODESTONE_DESKTOP)
    lodestone_install_program(lodestone desktop)
    install(FILES ${resources}/${id}.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT desktop)
    install(FILES ${resources}/${id}.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo COMPONENT desktop)
    install(FILES ${resources}/${id}.mime.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages RENAME ${id}.xml
            COMPONENT desktop)
    install(FILES ${resources}/icons/${id}.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps
            COMPONENT desktop)
    install(DIRECTORY ${resources}/demo DESTINATION ${CMAKE_INSTALL_DATADIR}/lodestone COMPONENT desktop)
endif()
