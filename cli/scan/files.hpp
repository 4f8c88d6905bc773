// Which files a scan reads.
#pragma once

#include <string>
#include <vector>

#include "cli/scan/scan.hpp"

namespace errand::cli {

// Reads files, the *.yaml, *.yml and *.json of directories and all below them
// (symbolic links to directories are not followed), and standard input for "-".
// What cannot be read, or is larger than 64 MiB, is added to `broken`.
std::vector<Input> readInputs(const std::vector<std::string>& paths, std::vector<Broken>& broken);

}  // namespace errand::cli
