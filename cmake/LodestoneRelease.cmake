# The date of this version, for manual pages. It stands once, in the metainfo that software centres read.
file(STRINGS ${PROJECT_SOURCE_DIR}/resources/io.github.lodestone.Lodestone.metainfo.xml LODESTONE_RELEASES
     REGEX "<release version=")
list(GET LODESTONE_RELEASES 0 LODESTONE_NEWEST)
if(NOT LODESTONE_NEWEST MATCHES "version=\"${PROJECT_VERSION}\" date=\"([0-9-]+)\"")
    message(FATAL_ERROR "The newest release in resources/*.metainfo.xml is not ${PROJECT_VERSION}:${LODESTONE_NEWEST}")
endif()
set(LODESTONE_DATE ${CMAKE_MATCH_1})
