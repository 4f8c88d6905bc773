// Commands for a shell that mend a problem. Names of objects are quoted, so that a name cannot add a command.
// Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace errand::cli {

// Returns the text as one word of a shell.
std::string shellWord(std::string_view text);

// Returns a command that deletes the object and creates it again, changed by the merge patch: the only way to
// change a field that is immutable. `kind` is kubectl's name of the kind: job, taskgrant.
std::string recreateCommand(std::string_view kind, std::string_view ns, std::string_view name,
                            const nlohmann::json& patch);
// The same for a Job, and for a TaskGrant, without the fields that the API server has set for the old one.
std::string recreateJob(std::string_view ns, std::string_view name, nlohmann::json patch);
std::string recreateGrant(std::string_view ns, std::string_view name, nlohmann::json spec);

// Returns a command that patches the object by the merge patch.
std::string patchCommand(std::string_view kind, std::string_view ns, std::string_view name,
                         const nlohmann::json& patch);

// Returns `kubectl errand enroll` for the namespace. `roles` are NAME or clusterrole/NAME.
std::string enrollCommand(std::string_view ns, const std::vector<std::string>& roles = {});

// Returns a command that gives the user the verbs request and run in the namespace.
std::string requesterCommand(std::string_view ns, std::string_view user);

}  // namespace errand::cli
