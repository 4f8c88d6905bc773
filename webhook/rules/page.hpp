// The documentation of rules, in Markdown: docs/rules is what these print.
#pragma once

#include <string>

#include "webhook/rules/rule.hpp"

namespace errand::webhook {

// docs/rules/<ID>.md
std::string pageOf(const Rule& rule);

// docs/rules/README.md, the table of all.
std::string indexPage();

}  // namespace errand::webhook
