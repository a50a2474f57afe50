#include "finetune/rank_packing.h"

#include "base/error.h"

#include <algorithm>
#include <cstdint>

namespace lodestone {
namespace {

[[noreturn]] void misunderstood()
{
    throw InternalError("The processes of a run do not understand each other.");
}

void put(std::vector<double>& list, const Vec3& vector)
{
    list.insert(list.end(), vector.begin(), vector.end());
}

void put(std::vector<double>& list, const Mat3& matrix)
{
    for (const Vec3& row : matrix)
        put(list, row);
}

/// Takes numbers from a list, in order.
class Taker {
public:
    explicit Taker(const std::vector<double>& list) : m_list(list) {}

    double number()
    {
        if (m_next == m_list.size())
            misunderstood();
        return m_list[m_next++];
    }
    Vec3 vector()
    {
        Vec3 v;
        for (double& x : v)
            x = number();
        return v;
    }
    Mat3 matrix()
    {
        Mat3 m;
        for (Vec3& row : m)
            row = vector();
        return m;
    }
    bool atEnd() const { return m_next == m_list.size(); }

private:
    const std::vector<double>& m_list;
    std::size_t m_next = 0;
};

} // namespace

std::string packed(const std::vector<const std::vector<double>*>& lists)
{
    std::string bytes;
    for (const std::vector<double>* list : lists) {
        const std::uint64_t count = list->size();
        bytes.append(reinterpret_cast<const char*>(&count), sizeof(count));
        bytes.append(reinterpret_cast<const char*>(list->data()), count * sizeof(double));
    }
    return bytes;
}

void unpack(const std::string& bytes, const std::vector<std::vector<double>*>& lists)
{
    std::size_t at = 0;
    const auto take = [&](void* to, std::size_t size) {
        if (size > bytes.size() - at)
            misunderstood();
        std::copy_n(bytes.data() + at, size, static_cast<char*>(to)); // to: null for an empty list
        at += size;
    };
    for (std::vector<double>* list : lists) {
        std::uint64_t count = 0;
        take(&count, sizeof(count));
        if (count > (bytes.size() - at) / sizeof(double))
            misunderstood();
        list->resize(count);
        take(list->data(), count * sizeof(double));
    }
}

std::string packedFrames(const std::vector<Frame>& frames)
{
    std::vector<double> sizes, list;
    for (const Frame& frame : frames) {
        const Structure& s = frame.structure;
        const bool forces = !frame.forces.empty();
        sizes.insert(sizes.end(), {double(s.size()), double(s.pbc[0]), double(s.pbc[1]), double(s.pbc[2]),
                                   double(frame.energy.has_value()), double(forces),
                                   double(frame.stress.has_value()), frame.weight});
        put(list, s.cell);
        for (std::size_t a = 0; a < s.size(); ++a) {
            list.push_back(s.species[a]);
            put(list, s.positions[a]);
            if (forces)
                put(list, frame.forces[a]);
        }
        if (frame.energy)
            list.push_back(*frame.energy);
        if (frame.stress)
            put(list, *frame.stress);
    }
    return packed({&sizes, &list});
}

std::vector<Frame> framesFrom(const std::string& bytes)
{
    std::vector<double> sizes, list;
    unpack(bytes, {&sizes, &list});
    std::vector<Frame> frames;
    Taker head(sizes), numbers(list);
    while (!head.atEnd()) {
        Frame& frame = frames.emplace_back();
        Structure& s = frame.structure;
        const auto atoms = std::size_t(head.number());
        for (bool& periodic : s.pbc)
            periodic = head.number() != 0;
        const bool energy = head.number() != 0, forces = head.number() != 0, stress = head.number() != 0;
        frame.weight = head.number();
        s.source = fmt::format("replayed frame {}", frames.size());
        s.cell = numbers.matrix();
        for (std::size_t a = 0; a < atoms; ++a) {
            s.species.push_back(int(numbers.number()));
            s.positions.push_back(numbers.vector());
            if (forces)
                frame.forces.push_back(numbers.vector());
        }
        if (energy)
            frame.energy = numbers.number();
        if (stress)
            frame.stress = numbers.matrix();
    }
    return frames;
}

} // namespace lodestone
