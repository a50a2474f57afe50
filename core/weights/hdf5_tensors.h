#pragma once
#include "storage/hdf5_reader.h"
#include "storage/hdf5_writer.h"

#include <string>
#include <torch/types.h>

namespace lodestone {

/// The array `name` (an absolute path in the file) with its shape: float32 as it stands, other reals as
/// float64. Error if it is missing, damaged or holds no reals.
torch::Tensor readTensor(const Hdf5Reader& file, const std::string& name);

/// Writes a float32 or float64 tensor of any device under `name`, with its shape.
void writeTensor(Hdf5Writer& file, const std::string& name, const torch::Tensor& tensor);

} // namespace lodestone
