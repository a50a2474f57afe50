#pragma once
#include "report/run_material.h"

namespace lodestone {

/// One self-contained HTML page (no scripts, nothing from outside, figures as inline SVG) that fits on
/// one side of A4 when it is printed small: what the run was made of, its errors, curves and parity plots,
/// what it changed, sensitivity, audit, configuration; below each part the command that computes its numbers
/// again. Whatever comes from files is escaped. Layout by tables, so that QTextDocument prints it too
/// (without the style rules behind "/* browsers only */"). version: of the program.
std::string reportPage(const RunMaterial& material, const std::string& version);

} // namespace lodestone
