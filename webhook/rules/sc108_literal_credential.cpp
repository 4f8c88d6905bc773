// SC108. What counts as a credential is data: webhook/literals.
#include <fmt/format.h>

#include "webhook/literals/scanner.hpp"
#include "webhook/rules/catalogue.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

void scan(std::string_view text, const std::string& where, Reporter& report) {
  for (const Hit& hit : Scanner::instance().scan(text))
    report.add(fmt::format("{} holds a literal {} ({}, {} characters)", where, hit.format->what,
                           hit.format->issuer, hit.length));
}

void scanList(const std::vector<std::string>& list, std::string_view field, const Container& container,
              Reporter& report) {
  for (size_t i = 0; i < list.size(); ++i)
    scan(list[i], fmt::format("{}: {}[{}]", describe(container), field, i), report);
}

void check(const Judged& judged, Reporter& report) {
  for (const Container* container : judged.containers) {
    for (const EnvVar& env : container->env)
      scan(env.name + "=" + env.value, fmt::format("{}: env {}", describe(*container), printable(env.name)),
           report);
    scanList(container->command, "command", *container, report);
    scanList(container->args, "args", *container, report);
  }
  if (judged.ephemeralOnly) return;
  for (const auto& [key, value] : judged.pod.annotations) {
    scan(key, "pod: the name of an annotation", report);
    scan(value, "pod: annotation " + inQuotes(key), report);
  }
}

}  // namespace

constinit const Rule kLiteralCredential = {
    .id = "SC108",
    .slug = "literal-credential",
    .title = "A pod must not carry a credential as literal text",
    .why =
        "A literal key stands in etcd, in every manifest and in the history of its repository; it has no "
        "end and cannot be taken back from one task.",
    .fix = "lease it by a TaskGrant (access.secrets)",
    .severity = Severity::Critical,
    .tags = kTags,
    .check = check};

}  // namespace errand::webhook
