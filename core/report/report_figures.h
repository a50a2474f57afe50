#pragma once
#include "report/report_commands.h"

namespace lodestone {

// Parts of the page that are figures, as HTML with their commands. Empty where the run has nothing to show.

/// Training loss and errors on the validation frames along the run; then what was trained against its labels.
std::string alongPart(const RunMaterial& material, const ReportCommands& commands);
/// Changed, relative change and signature by layer and l; elements with their control; sensitivity.
std::string changePart(const RunMaterial& material, const ReportCommands& commands);
/// Verdicts, and the dimer scan that matters most.
std::string auditPart(const RunMaterial& material, const ReportCommands& commands);

} // namespace lodestone
