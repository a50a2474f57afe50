#include "models/element_pairs.h"

namespace lodestone {

ElementPairs::ElementPairs(const std::vector<const Structure*>& structures)
{
    for (const Structure* structure : structures)
        add(*structure);
}

void ElementPairs::add(const Structure& structure)
{
    const std::set<int> elements(structure.species.begin(), structure.species.end());
    for (auto a = elements.begin(); a != elements.end(); ++a)
        for (auto b = a; b != elements.end(); ++b)
            m_pairs.emplace(*a, *b);
}

} // namespace lodestone
