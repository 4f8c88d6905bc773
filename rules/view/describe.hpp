// Names for the parts of a pod, for messages.
#pragma once

#include <string>
#include <string_view>

#include "core/policy/dangerous.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Makes a name from the request fit for a message: at most 64 ASCII characters, without control characters.
// inQuotes() adds quotation marks. A name that is itself a credential (rules/literals) is not shown.
std::string printable(std::string_view name);
std::string inQuotes(std::string_view name);

// Returns a text such as: container "app", init container "setup", ephemeral container "debug".
std::string describe(const Container& container);

// Returns a text such as: allows "patch" on "secrets": … Makes it safe for a message, like printable().
std::string inWords(policy::Danger danger);

}  // namespace errand::rules
