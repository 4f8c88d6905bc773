// Names for the parts of a pod, for use in messages.
#pragma once

#include <string>
#include <string_view>

#include "core/policy/dangerous.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// A name from the request, fit for a message: at most 64 characters, of ASCII,
// without control characters; inQuotes() puts it in quotation marks. A name that
// is itself a credential (rules/literals) is not shown.
std::string printable(std::string_view name);
std::string inQuotes(std::string_view name);

// container "app", init container "setup", ephemeral container "debug"
std::string describe(const Container& container);

// allows "patch" on "secrets": …, made safe for a message as by printable().
std::string inWords(policy::Danger danger);

}  // namespace errand::rules
