#pragma once
#include "base/error.h"

namespace lodestone {

/// Thrown while a model is read that asks for something Lodestone does not compute; what() says what. The
/// file may be sound: such models open for inspection, with what() in ModelDescription::limitation.
class NotComputed : public Error {
public:
    using Error::Error;
};

} // namespace lodestone
