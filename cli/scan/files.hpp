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
  // Inputs that do not exist, cannot be read or exceed 64 MiB. Without `skipTemplates`, also Helm templates:
  // one entry per chart.
  std::vector<Broken> broken;
  std::vector<Broken> passed;  // with `skipTemplates`, Helm templates; one entry per chart
};

// Reads files, directories and, for "-", standard input. A directory stands for its *.yaml, *.yml and *.json
// files at any depth; symbolic links to directories are not followed. Helm templates (files of a chart that
// contain "{{") are not returned as files, but reported by chart. Never fails: see Inputs::broken.
Inputs readInputs(const std::vector<std::string>& paths, bool skipTemplates);

}  // namespace errand::cli
