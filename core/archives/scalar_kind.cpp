#include "archives/pickle.h"

#include "base/error.h"

namespace lodestone {

std::size_t sizeOf(ScalarKind kind)
{
    switch (kind) {
    case ScalarKind::Float64:
    case ScalarKind::Int64:
        return 8;
    case ScalarKind::Float32:
    case ScalarKind::Int32:
        return 4;
    case ScalarKind::Float16:
    case ScalarKind::BFloat16:
    case ScalarKind::Int16:
        return 2;
    case ScalarKind::Int8:
    case ScalarKind::UInt8:
    case ScalarKind::Bool:
        return 1;
    }
    fail<InternalError>("There is no scalar kind {}.", static_cast<int>(kind));
}

std::string nameOf(ScalarKind kind)
{
    switch (kind) {
    case ScalarKind::Float64:
        return "float64";
    case ScalarKind::Float32:
        return "float32";
    case ScalarKind::Float16:
        return "float16";
    case ScalarKind::BFloat16:
        return "bfloat16";
    case ScalarKind::Int64:
        return "int64";
    case ScalarKind::Int32:
        return "int32";
    case ScalarKind::Int16:
        return "int16";
    case ScalarKind::Int8:
        return "int8";
    case ScalarKind::UInt8:
        return "uint8";
    case ScalarKind::Bool:
        return "bool";
    }
    fail<InternalError>("There is no scalar kind {}.", static_cast<int>(kind));
}

} // namespace lodestone
