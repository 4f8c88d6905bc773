// Finds and reads the files of a scan.
#pragma once

#include <string>
#include <vector>

#include "cli/findings/report.hpp"

namespace errand::cli {

// One file, or standard input.
struct Input {
  std::string name;  // the name for messages
  std::string text;
};

// All inputs of a scan.
struct Inputs {
  std::vector<Input> files;
  std::vector<Broken> broken;  // files that cannot be read, or are larger than 64 MiB
  std::vector<Broken> passed;  // files that were skipped
};

// Reads files, directories and, for "-", standard input. A directory stands for its *.yaml, *.yml and *.json
// files at any depth; symbolic links to directories are not followed. Helm templates with expressions are
// reported once for each chart: as skipped with `skipTemplates`, or else as broken.
Inputs readInputs(const std::vector<std::string>& paths, bool skipTemplates);

}  // namespace errand::cli
