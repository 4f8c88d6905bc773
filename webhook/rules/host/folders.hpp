// Which folders of a node hold credentials, or lead to them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace errand::webhook {

// What is wrong with mounting `path`: the guarded folder that it is, lies in, or
// contains. The path is normalised first: //, . and .. count for nothing.
std::optional<std::string_view> guardedFolder(std::string_view path);

}  // namespace errand::webhook
