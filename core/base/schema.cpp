#include "base/schema.h"

namespace lodestone::schema {

int of(const Json& json, std::string_view where)
{
    const auto found = json.is_object() ? json.find("schema") : json.end();
    if (found == json.end() || found->is_null())
        return 1;
    if (!found->is_number_integer() || *found < 1 || *found > 1000000)
        fail("{}: the key 'schema' must be a whole number from 1, not {}.", where,
             jsonLine(*found).substr(0, 80));
    return found->get<int>();
}

void check(int number, int known, std::string_view where)
{
    if (number > known)
        fail("{}: was written by a newer version of Lodestone (schema {}; this one reads up to {}). Update "
             "Lodestone to use it.",
             where, number, known);
}

Json readFile(const std::filesystem::path& path, int known)
{
    Json json = readJsonFile(path);
    check(json, known, path.string());
    return json;
}

Json stamped(int number, const Json& json)
{
    Json result = {{"schema", number}};
    result.update(json);
    return result;
}

std::string formatText(std::string_view name, int number)
{
    return Json{{"name", name}, {"schema", number}}.dump();
}

void checkFormat(const std::string& text, std::string_view name, int known, const std::string& where)
{
    const Json format = parseJson(text, where + ": /format");
    if (jsonMember<std::string>(format, "name", where) != name)
        fail("{}: is another kind of file than {}.", where, name);
    check(format, known, where);
}

} // namespace lodestone::schema
