#pragma once
// Included before everything else where Clang compiles LibTorch's headers (1.13): these use vectors of a type that is
// not complete yet. Clang instantiates what is constexpr at once, as vectors of libstdc++ 12 are in C++20; without
// constexpr it waits until the end, as GCC does.
#include <bits/c++config.h>
#ifdef _GLIBCXX_VECTOR
#error "This must be the first header."
#endif
// One function of vector<bool> is announced here as constexpr: under another name it is another one.
#define _Bit_iterator _Bit_iterator_announced
#include <bits/stl_algobase.h>
#undef _Bit_iterator
#include <memory>
#include <string>
#pragma push_macro("_GLIBCXX20_CONSTEXPR")
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#include <vector>
#pragma pop_macro("_GLIBCXX20_CONSTEXPR")
