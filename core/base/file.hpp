// Reads small files with configuration or credentials.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand {

// Return the content of a file of at most 1 MiB, and leave no other copy of it in memory. Fail with NotFound
// if there is no such file, and with Invalid if it cannot be read or is larger. Errors name only the path.
Result<std::string> readFile(const std::filesystem::path& path);
Result<Sensitive> readSecretFile(const std::filesystem::path& path);

}  // namespace errand
