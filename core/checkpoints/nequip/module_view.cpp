#include "checkpoints/nequip/module_view.h"

#include "base/error.h"
#include "checkpoints/torch/archive_contents.h"
#include "checkpoints/torch/not_computed.h"

namespace lodestone {
namespace {

constexpr std::size_t longestName = 256;
constexpr std::int64_t mostNumbers = 1000000;
constexpr std::size_t mostBlocks = 64;

/// Parts of a dotted name that mean nothing: "__torch__" and "___torch_mangle_7" of TorchScript,
/// "<torch_package_0>" of torch.package.
bool isDecoration(std::string_view part)
{
    return part == "__torch__" || part.substr(0, 15) == "___torch_mangle" || part.substr(0, 1) == "<";
}

/// e3nn's value types are tuples made with one argument, which holds the items.
PickleNode itemsOf(const PickleNode& node)
{
    if (node.is(PickleKind::Object) && node.arguments().size() == 1)
        return node.arguments().at(0);
    return node;
}

} // namespace

ModuleView::ModuleView(const TorchArchive& archive, PickleNode node, std::string path)
    : m_archive(&archive),
      m_node(std::move(node)),
      m_path(std::move(path))
{
}

bool ModuleView::isModule(const PickleNode& node)
{
    return node.is(PickleKind::Object) && node.state() && node.state()->is(PickleKind::Dictionary);
}

std::string ModuleView::describe() const
{
    return m_path.empty() ? fmt::format("the model ({})", type())
                          : fmt::format("the module {} ({})", m_path, type());
}

std::string ModuleView::typeName() const
{
    std::string_view rest = m_node.className().substr(0, longestName);
    std::string name;
    while (!rest.empty()) {
        const std::size_t dot = rest.find('.');
        const std::string_view part = rest.substr(0, dot);
        if (!isDecoration(part))
            name += (name.empty() ? "" : ".") + std::string(part);
        rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
    }
    return name;
}

std::string ModuleView::type() const
{
    const std::string name = typeName();
    return name.substr(name.rfind('.') + 1);
}

std::string ModuleView::codeFile() const
{
    std::string name(m_node.className().substr(0, longestName));
    name.resize(std::min(name.size(), name.rfind('.')));
    for (char& c : name)
        c = c == '.' ? '/' : c;
    return name + ".py";
}

std::optional<ModuleView> ModuleView::child(std::string_view name) const
{
    std::optional<PickleNode> found = moduleChild(m_node, name);
    if (!found)
        found = m_node.attribute(name);
    if (!found || !isModule(*found))
        return std::nullopt;
    return ModuleView(*m_archive, *found, stored(name));
}

ModuleView ModuleView::at(std::string_view name) const
{
    std::optional<ModuleView> found = child(name);
    if (!found)
        notComputed(fmt::format("it has no part '{}'", name));
    return *found;
}

std::vector<std::string> ModuleView::children() const
{
    const auto modules = m_node.attribute("_modules");
    const PickleNode all = modules ? *modules : *m_node.state();
    std::vector<std::string> names;
    if (!all.is(PickleKind::Dictionary))
        return names;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const PickleNode key = all.keyAt(i);
        if (isModule(all.at(i)) && key.is(PickleKind::Text) && key.text().size() <= longestName)
            names.emplace_back(key.text());
    }
    return names;
}

std::optional<TensorReference> ModuleView::tensor(std::string_view name) const
{
    const auto found = moduleTensor(m_node, name);
    return found ? std::optional(found->tensor()) : std::nullopt;
}

TensorReference ModuleView::tensorAt(std::string_view name) const
{
    const std::optional<TensorReference> found = tensor(name);
    if (!found)
        notComputed(fmt::format("it has no tensor '{}'", name));
    return *found;
}

std::string ModuleView::stored(std::string_view name) const
{
    return m_path.empty() ? std::string(name) : fmt::format("{}.{}", m_path, name);
}

std::vector<double> ModuleView::numbers(std::string_view name) const
{
    const TensorReference reference = tensorAt(name);
    std::int64_t count = 1;
    for (const std::int64_t extent : reference.shape)
        if (__builtin_mul_overflow(count, extent, &count) || count > mostNumbers)
            notComputed(fmt::format("its tensor '{}' has more than {} numbers", name, mostNumbers));
    return loadNumbers(*m_archive, reference);
}

std::optional<PickleNode> ModuleView::attribute(std::string_view name) const
{
    const auto found = m_node.attribute(name);
    return found && !found->is(PickleKind::None) ? found : std::nullopt;
}

PickleNode ModuleView::attributeAt(std::string_view name) const
{
    const std::optional<PickleNode> found = attribute(name);
    if (!found)
        notComputed(fmt::format("it has no setting '{}'", name));
    return *found;
}

double ModuleView::real(std::string_view name) const
{
    if (tensor(name)) {
        const std::vector<double> values = numbers(name);
        if (values.size() != 1)
            notComputed(fmt::format("its '{}' is {} numbers, expected one", name, values.size()));
        return values.front();
    }
    return attributeAt(name).real();
}

std::int64_t ModuleView::integer(std::string_view name) const
{
    return attributeAt(name).integer();
}

bool ModuleView::boolean(std::string_view name) const
{
    return attributeAt(name).boolean();
}

bool ModuleView::booleanOr(std::string_view name, bool fallback) const
{
    const auto found = attribute(name);
    return found ? found->boolean() : fallback;
}

std::string ModuleView::text(std::string_view name) const
{
    return std::string(attributeAt(name).text());
}

std::vector<std::string> ModuleView::texts(std::string_view name) const
{
    const PickleNode all = attributeAt(name);
    std::vector<std::string> result;
    for (std::size_t i = 0; i < all.size(); ++i)
        result.emplace_back(all.at(i).text());
    return result;
}

Irreps ModuleView::irreps(std::string_view name) const
{
    return irrepsOf(attributeAt(name));
}

void ModuleView::notComputed(const std::string& what) const
{
    fail<NotComputed>("In {}: {}.", describe(), what);
}

Irreps irrepsOf(const PickleNode& node)
{
    Irreps irreps;
    if (node.is(PickleKind::Text)) {
        irreps = parseIrreps(node.text());
    } else {
        const PickleNode blocks = itemsOf(node);
        if (blocks.size() > mostBlocks)
            fail("Irreps with {} blocks; up to {} are read.", blocks.size(), mostBlocks);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const PickleNode block = itemsOf(blocks.at(i)), irrep = itemsOf(block.at(1));
            const std::int64_t l = irrep.at(0).integer(), parity = irrep.at(1).integer();
            if (l < 0 || l > 12 || (parity != 1 && parity != -1))
                fail("Irreps with degree {} and parity {}.", l, parity);
            irreps.push_back({block.at(0).integer(), {static_cast<int>(l), static_cast<int>(parity)}});
        }
    }
    for (const IrrepBlock& block : irreps)
        if (block.irrep.l > 6 || block.multiplicity < 1 || block.multiplicity > 65536)
            fail("Irreps with the block {}; degrees up to 6 and multiplicities from 1 to 65536 are read.",
                 toString(block));
    return irreps;
}

PickleNode fieldsOf(const PickleNode& node)
{
    return node.is(PickleKind::Object) ? node.arguments() : node;
}

} // namespace lodestone
