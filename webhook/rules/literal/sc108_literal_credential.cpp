// SC108. What counts as a credential is data: webhook/literals.
#include <fmt/format.h>

#include "webhook/literals/scanner.hpp"
#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};
constexpr size_t kOrdinaryRest = 1024;  // bytes of what a pod has beside its environment

void scan(std::string_view text, const std::string& where, std::string_view path, Reporter& report) {
  for (const Hit& hit : Scanner::instance().scan(text))
    report.add(path, fmt::format("{} holds a literal {} ({}, {} characters)", where, hit.format->what,
                                 hit.format->issuer, hit.length));
}

void scanList(const std::vector<std::string>& list, std::string_view field, const Container& container,
              Reporter& report) {
  for (size_t i = 0; i < list.size(); ++i)
    scan(list[i], fmt::format("{}: {}[{}]", describe(container), field, i),
         fmt::format("{}/{}/{}", pathOf(container), field, i), report);
}

void scanMap(const api::StringMap& map, std::string_view owner, std::string_view field, Reporter& report) {
  const std::string_view one = field == "labels" ? "a label" : "an annotation";
  for (const auto& [key, value] : map) {
    const std::string path = mapPointer(fmt::format("metadata/{}.{}", field, key));
    scan(key, fmt::format("{}: the name of {}", owner, one), path, report);
    scan(value, fmt::format("{}: {} {}", owner, one.substr(one.find(' ') + 1), inQuotes(key)), path, report);
  }
}

// Everything in one text, so that one pass says of nearly all pods that they hold nothing.
std::string allTexts(const Judged& judged) {
  std::string out;
  size_t size = 0;
  for (const Container* container : judged.containers)
    for (const EnvVar& env : container->env) size += env.name.size() + env.value.size() + 2;
  out.reserve(size + kOrdinaryRest);
  const auto add = [&](std::string_view text) { (out += text) += '\n'; };
  for (const Container* container : judged.containers) {
    for (const EnvVar& env : container->env) {
      (out += env.name) += '=';
      add(env.value);
    }
    for (const auto* list : {&container->command, &container->args})
      for (const std::string& text : *list) add(text);
    for (const Literal& literal : container->literals) add(literal.text);
  }
  if (judged.ephemeralOnly) return out;
  for (const auto* map : {&judged.pod.annotations, &judged.pod.labels})
    for (const auto& [key, value] : *map) {
      add(key);
      add(value);
    }
  return out;
}

void check(const Judged& judged, Reporter& report) {
  if (!Scanner::instance().mayHold(allTexts(judged))) return;
  for (const Container* container : judged.containers) {
    for (const EnvVar& env : container->env)
      scan(fmt::format("{}={}", env.name, env.value),
           fmt::format("{}: env {}", describe(*container), printable(env.name)), pathOf(*container, env),
           report);
    scanList(container->command, "command", *container, report);
    scanList(container->args, "args", *container, report);
    for (const Literal& literal : container->literals)
      scan(literal.text, fmt::format("{}: {}", describe(*container), literal.field),
           pathOf(*container) + pointer(literal.field), report);
  }
  if (judged.ephemeralOnly) return;
  scanMap(judged.pod.annotations, "pod", "annotations", report);
  scanMap(judged.pod.labels, "pod", "labels", report);
}

void checkObject(const JudgedObject& judged, Reporter& report) {
  const ObjectView& object = judged.object;
  const std::string owner = fmt::format("{} {}", printable(object.kind), inQuotes(object.name));
  scanMap(object.annotations, owner, "annotations", report);
  scanMap(object.labels, owner, "labels", report);
  if (!object.is("", "ConfigMap")) return;
  for (const Literal& text : object.texts)
    scan(text.field.substr(text.field.find('.') + 1) + "=" + text.text,
         fmt::format("{}: {}", owner, printable(text.field)), mapPointer(text.field), report);
}

}  // namespace

constinit const Rule kLiteralCredential = {
    .id = "SC108",
    .slug = "literal-credential",
    .title = "A credential must not stand in a manifest as literal text",
    .why =
        "A literal key stands in etcd, in every manifest and in the history of its repository; it has no "
        "end and cannot be taken back from one task.",
    .fix = "lease it by a TaskGrant (access.secrets)",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(Searched are the values of `env`, each element of `command` and `args`, what probes
and lifecycle hooks run or send, labels and annotations, and the values of ConfigMaps,
for the formats that `webhook/literals` lists: by prefix, length and alphabet, and by
checksum where the format has one. Where a format has no prefix of its own, its name
must stand before it and its characters must look random. The message names format and
length and never the value.

```yaml
env:
- name: OPENAI_API_KEY
  value: sk-…   # refused: a literal API key (OpenAI, 51 characters)
```)",
    .allowed = R"(References such as `$(VAR)`, paths, public keys and certificates, and placeholders:
a text with `example`, `your-`, `changeme` or a run of six equal characters.)",
    .check = check,
    .checkObject = checkObject};

}  // namespace errand::webhook
