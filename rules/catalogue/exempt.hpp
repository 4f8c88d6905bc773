// What the Exemptions of a namespace take out of a verdict.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/exemption.hpp"
#include "core/base/time.hpp"
#include "rules/catalogue/rule.hpp"

namespace errand::rules {

struct Exempted {
  Finding finding;
  std::string by;  // the Exemption's name

  std::string message() const;
};

// What an Exemption may name: a pod by its labels, as the template in a workload, too; any object by its kind
// and name.
struct Candidate {
  std::string_view kind, name;
  const PodView* pod = nullptr;  // null where there is none
};

// Takes the findings out of `verdict` that an Exemption in force covers. A rule or a finding
// that is not exemptible is never taken out, whatever an Exemption says.
std::vector<Exempted> exempt(Verdict& verdict, const Candidate& candidate,
                             std::span<const std::shared_ptr<const api::Exemption>> exemptions, Time now);

}  // namespace errand::rules
