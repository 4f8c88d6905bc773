// What a rule of the standing-credential catalogue is: data, and one check.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/view/describe.hpp"
#include "webhook/view/podview.hpp"
#include "webhook/views.hpp"

namespace errand::webhook {

// What is judged: a pod at its creation, or the ephemeral containers that an
// update of pods/ephemeralcontainers adds to it.
struct Judged {
  const PodView& pod;
  std::string_view ns, user;  // of the request; `user` is the name of who asks
  const Views& views;
  bool ephemeralOnly = false;
  std::vector<const Container*> containers;  // those to judge
};

enum class Severity { Medium, High, Critical };
std::string_view toString(Severity severity);

class Reporter;

struct Rule {
  std::string_view id, slug;
  std::string_view title;  // one sentence without a full stop
  std::string_view why, fix;
  Severity severity;
  std::span<const std::string_view> tags;  // of OWASP: NHI1..10, ASI01..10
  void (*check)(const Judged&, Reporter&);
};

struct Finding {
  std::string_view rule;
  std::string text, fix;  // neither holds a secret's value; `fix` is empty where the text says it

  // [SC107] container "app": … Fix: …. See docs/rules/SC107.md
  std::string message() const;
};

// Where a check puts what it finds.
class Reporter {
 public:
  explicit Reporter(const Rule& rule, std::vector<Finding>& out, std::optional<NeedsGrant>& needs)
      : rule_(rule), out_(out), needs_(needs) {}

  void add(std::string text) { add(std::move(text), std::string(rule_.fix)); }
  void add(std::string text, std::string fix) {
    out_.emplace_back(rule_.id, std::move(text), std::move(fix));
  }
  void needs(NeedsGrant grant) { needs_ = std::move(grant); }

 private:
  const Rule& rule_;
  std::vector<Finding>& out_;
  std::optional<NeedsGrant>& needs_;
};

// All rules, by ascending id.
std::span<const Rule* const> catalogue();

struct Verdict {
  std::vector<Finding> findings;  // of all rules, in the catalogue's order
  std::optional<NeedsGrant> needs;
};
Verdict judge(const Judged& judged);

}  // namespace errand::webhook
