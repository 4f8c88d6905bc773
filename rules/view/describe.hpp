// Names for the parts of a pod, for messages.
#pragma once

#include <string>
#include <string_view>

#include "core/policy/dangerous.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Make untrusted text safe for a message: as excerpt(), and inQuotes() adds quotation marks. If the text
// holds a credential (rules/literals), both return "a name that is itself a key", without quotation marks.
std::string printable(std::string_view name);
std::string inQuotes(std::string_view name);

// Returns a text such as: container "app", init container "setup", ephemeral container "debug".
std::string describe(const Container& container);

// Returns a text such as: allows "patch" on "secrets": … It is safe for a message, like printable().
std::string inWords(policy::Danger danger);

}  // namespace errand::rules
