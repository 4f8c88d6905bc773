// Reads small files that hold configuration or credentials.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand {

// Return the whole file, at most 1 MiB, and leave no copy of it in memory. Errors name the path and never the
// content: NotFound if there is no such file, else Invalid.
Result<std::string> readFile(const std::filesystem::path& path);
Result<Sensitive> readSecretFile(const std::filesystem::path& path);

}  // namespace errand
