// The documentation of the rules, in Markdown. The pages of docs/rules are generated from it.
#pragma once

#include <string>

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// Returns the content of docs/rules/<ID>.md.
std::string pageOf(const Rule& rule);

// Returns the content of docs/rules/README.md, the table of all rules.
std::string indexPage();

}  // namespace errand::rules
