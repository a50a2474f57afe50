#include "widgets/palette.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lodestone::gui {

namespace {

struct Anchor {
    double at;
    int red, green, blue;
};

// viridis (S. van der Walt, N. Smith; matplotlib, CC0), sampled at nine places.
constexpr std::array<Anchor, 9> viridis = {{{0.000, 68, 1, 84},
                                            {0.125, 71, 45, 123},
                                            {0.250, 59, 82, 139},
                                            {0.375, 44, 114, 142},
                                            {0.500, 33, 144, 140},
                                            {0.625, 39, 173, 129},
                                            {0.750, 93, 200, 99},
                                            {0.875, 170, 220, 50},
                                            {1.000, 253, 231, 37}}};

// vik (F. Crameri, Scientific colour maps, MIT, doi:10.5281/zenodo.1243862), its ten swatches and the pale
// centre.
constexpr std::array<Anchor, 11> vik = {{{0.0 / 9, 0, 18, 97},
                                         {1.0 / 9, 3, 62, 125},
                                         {2.0 / 9, 30, 111, 157},
                                         {3.0 / 9, 113, 168, 196},
                                         {4.0 / 9, 201, 221, 231},
                                         {0.5, 236, 229, 224},
                                         {5.0 / 9, 234, 206, 189},
                                         {6.0 / 9, 211, 151, 116},
                                         {7.0 / 9, 190, 101, 51},
                                         {8.0 / 9, 139, 39, 6},
                                         {9.0 / 9, 89, 0, 8}}};

template<std::size_t N>
QColor interpolate(const std::array<Anchor, N>& anchors, double t)
{
    t = std::isnan(t) ? 0 : std::clamp(t, 0.0, 1.0);
    std::size_t upper = 1;
    while (upper + 1 < N && anchors[upper].at < t)
        ++upper;
    const Anchor& a = anchors[upper - 1];
    const Anchor& b = anchors[upper];
    const double f = std::clamp((t - a.at) / (b.at - a.at), 0.0, 1.0);
    const auto mix = [f](int from, int to) { return int(std::lround(from + f * (to - from))); };
    return QColor(mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue));
}

// M. Okabe, K. Ito, "Color Universal Design" (2008). Yellow is too pale for white ground and blue too deep
// for black, so each ground gets the same hues with their lightness moved.
constexpr std::array<QRgb, 8> onLight = {0xff0072b2, 0xffd55e00, 0xff009e73, 0xffcc79a7,
                                         0xffe69f00, 0xff3a9bd9, 0xff9a8f00, 0xff404040};
constexpr std::array<QRgb, 8> onDark = {0xff56b4e9, 0xfff07a2c, 0xff2dc79b, 0xffe39cc5,
                                        0xfff0b52e, 0xff8fd0f7, 0xfff0e442, 0xffd0d0d0};

} // namespace

QColor sequentialColour(double t)
{
    return interpolate(viridis, t);
}

QColor divergingColour(double t)
{
    return interpolate(vik, 0.5 * (t + 1));
}

QColor seriesColour(int index, const QPalette& palette)
{
    const auto& colours = isDark(palette) ? onDark : onLight;
    const int n = int(colours.size());
    return QColor(colours[std::size_t(((index % n) + n) % n)]);
}

bool isDark(const QPalette& palette)
{
    return palette.color(QPalette::Base).lightnessF() < palette.color(QPalette::Text).lightnessF();
}

} // namespace lodestone::gui
