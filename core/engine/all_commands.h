#pragma once
#include "commands/command_line.h"

namespace lodestone {

// One per file.
void addCheck(CommandLine& line);
void addPredict(CommandLine& line);
void addFinetune(CommandLine& line);
void addSweep(CommandLine& line);
void addExport(CommandLine& line);
void addAudit(CommandLine& line);
void addCompare(CommandLine& line);
void addBench(CommandLine& line);
void addServe(CommandLine& line);
void addDemo(CommandLine& line);
void addExplain(CommandLine& line);
void addReport(CommandLine& line);

} // namespace lodestone
