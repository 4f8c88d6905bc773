// SC108. The formats of credentials are data: rules/literals.
#include <fmt/format.h>

#include "core/json/pointer.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"
#include "rules/literals/scanner.hpp"
#include "rules/view/pointer.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

bool scan(std::string_view text, const std::string& where, std::string_view path, Reporter& report) {
  const std::vector<Hit> hits = Scanner::instance().scan(text);
  for (const Hit& hit : hits)
    report.add(path, fmt::format("{} holds a literal {} ({}, {} characters)", where, hit.format->what,
                                 hit.format->issuer, hit.length));
  return !hits.empty();
}

void scanMap(const api::StringMap& map, std::string_view owner, std::string_view field, Reporter& report) {
  const std::string_view one = field == "labels" ? "a label" : "an annotation";
  const std::string whole = fmt::format("/metadata/{}", field);
  for (const auto& [key, value] : map) {
    if (scan(key, fmt::format("{}: the name of {}", owner, one), whole, report)) continue;
    std::string path = whole;
    appendKey(path, key);
    scan(fmt::format("{}={}", key, value),
         fmt::format("{}: {} {}", owner, one.substr(one.find(' ') + 1), inQuotes(key)), path, report);
  }
}

// Scans texts. Their paths begin at `root`.
void scanTexts(const std::vector<Text>& texts, const std::string& owner, const std::string& root,
               Reporter& report) {
  for (size_t i = 0; i < texts.size(); ++i) {
    const Text& text = texts[i];
    const std::string path = root + text.path;
    const bool isPair =
        text.name != "value" && text.path.ends_with("/value");  // the name beside it is scanned separately
    if (!Scanner::instance().scan(text.name).empty()) {
      if (!isPair)
        scan(text.name, fmt::format("{}: a key of {}", owner, fieldOf(parentOf(text.path))), parentOf(path),
             report);
      continue;
    }
    scan(fmt::format("{}={}", nameOf(texts, i), text.value), fmt::format("{}: {}", owner, fieldOf(text.path)),
         path, report);
  }
}

// The suspect strings of a pod, joined into one text. For nearly all pods, one pass over that text shows that
// they hold no credential.
class SuspectTexts {
 public:
  SuspectTexts() { joined_.reserve(kUsual); }

  void add(std::string_view name, std::string_view value) {
    const size_t before = joined_.size();
    (((joined_ += name) += '=') += value) += '\n';
    if (!Scanner::instance().suspects(std::string_view(joined_).substr(before))) joined_.resize(before);
  }
  bool mayHold() const { return Scanner::instance().mayHold(joined_); }

 private:
  static constexpr size_t kUsual = 256;  // bytes; the text grows if a pod has more
  std::string joined_;
};

void addContainers(const CheckInput& input, SuspectTexts& suspects) {
  for (const Container* container : input.containers) {
    for (const EnvVar& env : container->env) suspects.add(env.name, env.value);
    for (size_t i = 0; i < container->texts.size(); ++i)
      suspects.add(nameOf(container->texts, i), container->texts[i].value);
  }
}

void scanContainers(const CheckInput& input, Reporter& report) {
  for (const Container* container : input.containers) {
    const std::string owner = describe(*container);
    for (const EnvVar& env : container->env)
      scan(fmt::format("{}={}", env.name, env.value), fmt::format("{}: env {}", owner, printable(env.name)),
           pathOf(*container, env), report);
    scanTexts(container->texts, owner, pathOf(*container), report);
  }
}

void checkAdded(const CheckInput& input, Reporter& report) {
  SuspectTexts suspects;
  addContainers(input, suspects);
  if (suspects.mayHold()) scanContainers(input, report);
}

void checkPod(const CheckInput& input, Reporter& report) {
  SuspectTexts suspects;
  addContainers(input, suspects);
  for (const auto* map : {&input.pod.annotations, &input.pod.labels})
    for (const auto& [key, value] : *map) suspects.add(key, value);
  for (const Text& text : input.pod.texts) suspects.add(text.name, text.value);
  if (!suspects.mayHold()) return;
  scanContainers(input, report);
  scanMap(input.pod.annotations, "pod", "annotations", report);
  scanMap(input.pod.labels, "pod", "labels", report);
  scanTexts(input.pod.texts, "pod", "", report);
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& object = input.object;
  const std::string owner = fmt::format("{} {}", printable(object.kind), inQuotes(object.name));
  scanMap(object.annotations, owner, "annotations", report);
  scanMap(object.labels, owner, "labels", report);
  scanTexts(object.strings, owner, "", report);
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
        "A literal key is in etcd, in every manifest and in the history of its repository. It has no end, "
        "and it cannot be taken back from a single task.",
    .fix = "lease it by a TaskGrant (access.secrets)",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(The rule searches all strings of a pod, in every field:

- `env`, `command` and `args`
- the commands and requests of probes and lifecycle hooks
- labels and annotations
- attributes and options of volumes (`csi.volumeAttributes`, `flexVolume.options`,
  `gitRepo.repository`), and the metadata of claims
- `hostAliases`, `dnsConfig`, `sysctls`, names and paths

In other objects it searches labels, annotations, the values of ConfigMaps, and the whole `spec` of
workloads, volumes and claims.

It searches each string as `NAME=value` for the formats that `rules/literals` lists: by prefix,
length and alphabet, and by checksum if the format has one. A value without a known prefix is found
in these places:

- in a variable, field or flag whose name ends with `PASSWORD`, `SECRET`, `TOKEN` or `KEY`, if the
  value looks random: letters and digits, hexadecimal digits, or a UUID
- as the password of a URL
- after `Authorization: Bearer`, if it looks random

An element of `args` is read together with the flag before it. The message names the format and the
length, and never the value.

If an update adds strings, such as an annotation, to a pod that runs as an agent, the rule searches
these as well. A string that the pod already had is no reason to reject an update.

```yaml
env:
- name: OPENAI_API_KEY
  value: sk-…   # refused: a literal API key (OpenAI, 51 characters)
```)",
    .allowed = R"(- references such as `$(VAR)`, `${VAR}` and `{{ .Values.key }}`
- paths, ARNs and the names of secrets in a store
- public keys and certificates
- keys for browsers: publishable keys such as `pk_live_…`, and random values under names
  such as `NEXT_PUBLIC_…`, `VITE_…` and `RECAPTCHA_SITE_KEY`
- keys in another sense: `CACHE_KEY`, `PARTITION_KEY`, `GPG_KEY`
- placeholders: a text with `example`, `your-`, `changeme` or a run of six equal
  characters)",
    .pods = {{kWholePodStages | CheckStage::StringsAdded, checkPod},
             {CheckStage::EphemeralAdded, checkAdded}},
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
