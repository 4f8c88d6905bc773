// Finds and reads the files of a scan.
#pragma once

#include <string>
#include <vector>

#include "cli/findings/report.hpp"

namespace errand::cli {

struct Input {
  std::string name;  // as it is shown
  std::string text;
};

struct Inputs {
  std::vector<Input> files;
  std::vector<Broken> broken;  // what cannot be read, or is larger than 64 MiB
  std::vector<Broken> passed;  // what was not to be read
};

// Reads files, the *.yaml, *.yml and *.json of directories and all below them (symbolic links to directories
// are not followed), and standard input for "-". The templates of a Helm chart that hold expressions are
// broken, or with `skipTemplates` passed over: once for each chart.
Inputs readInputs(const std::vector<std::string>& paths, bool skipTemplates);

}  // namespace errand::cli
