// Finds and reads the files of a scan.
#pragma once

#include <string>
#include <vector>

#include "cli/scan/scan.hpp"

namespace errand::cli {

// Reads files, the *.yaml, *.yml and *.json of directories and all below them (symbolic links to directories
// are not followed), and standard input for "-". Adds a file that cannot be read, or is larger than 64 MiB,
// to `broken`.
std::vector<Input> readInputs(const std::vector<std::string>& paths, std::vector<Broken>& broken);

}  // namespace errand::cli
