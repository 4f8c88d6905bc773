// The documentation of rules, in Markdown: docs/rules is what these print.
#pragma once

#include <string>

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// docs/rules/<ID>.md
std::string pageOf(const Rule& rule);

// docs/rules/README.md, the table of all.
std::string indexPage();

}  // namespace errand::rules
