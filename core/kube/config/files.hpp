// Small files that hold configuration and credentials.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace errand::kube {

// The whole file, at most 1 MiB. Errors name the path and never the content.
Result<std::string> readFile(const std::filesystem::path& path);

}  // namespace errand::kube
