// SC109. Identifies passwords by the name of their variable, because they have no format for SC108.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"
#include "rules/literals/names.hpp"
#include "rules/literals/values.hpp"
#include "rules/view/pointer.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};
constexpr Parameter kParameters[] = {
    {"folder", "/var/run/secrets/errand.dev/", "folder of files that may be named"}};

constexpr std::string_view kFolder = "/var/run/secrets/errand.dev/";

// True for variables that name a file by design. A ConfigMap may hold the path of a file of the grant.
bool mayBePath(std::string_view name) {
  return name == "KUBECONFIG" || name.ends_with("CREDENTIALS") || name.ends_with("CONFIG");
}

bool isGrantsFile(std::string_view value) {
  return value.starts_with(kFolder) && value.find("/..") == std::string_view::npos;
}

// True for switches such as ALLOW_EMPTY_PASSWORD=yes, numbers of up to four digits, and words such as
// "password" that only name the field.
bool isNoLiteral(std::string_view value) {
  constexpr size_t kShortNumber = 4;
  constexpr auto kWords = std::to_array<std::string_view>(
      {"always", "api_key", "auto", "disabled", "enabled", "false", "key", "never", "no", "off", "on",
       "optional", "passwd", "password", "required", "secret", "token", "true", "yes"});
  constexpr size_t kLongestWord = std::ranges::max(kWords, {}, &std::string_view::size).size();
  if (value.size() > kLongestWord) return false;
  if (std::ranges::binary_search(kWords, lowerOf(value))) return true;
  return value.size() <= kShortNumber &&
         std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

// True if the value may be a secret, for a name that does not decide it. A word may be a secret or the name
// of one. Letters and digits without a separator are rarely a name.
bool looksLikeSecret(std::string_view value) {
  constexpr size_t kLeast = 10;
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  const auto isLetter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  return value.size() >= kLeast && std::ranges::any_of(value, isDigit) &&
         std::ranges::any_of(value, isLetter) &&
         std::ranges::all_of(value, [&](char c) { return isDigit(c) || isLetter(c); });
}

// True if the value counts as a credential under this name. Under a documented name, it is one or the path of
// one. Under other names with such an ending, paths, URLs, switches and texts with blanks are allowed.
bool isCredential(std::string_view name, std::string_view value) {
  if (value.empty()) return false;
  const NameMeaning meaning = meaningOf(name);
  if (meaning.held == Held::Nothing) return false;
  if (isReference(value) || isResourceName(value) || isTemplate(value) || isGrantsFile(value)) return false;
  if (meaning.held != Held::Password &&
      (isSketch(value) || isNoKey(value) || isPlaceholder(value) || isPublishable(value)))
    return false;
  if (meaning.documented) return true;
  if (isPath(value) || isAddress(value) || isNoLiteral(value) ||
      value.find("://") != std::string_view::npos || value.find_first_of(" \n") != std::string_view::npos)
    return false;
  return meaning.held != Held::Perhaps || looksLikeSecret(value);
}

// Checks the flags of a command line: --password VALUE and --password=VALUE.
void checkFlags(const Container& container, Reporter& report) {
  const std::vector<Text>& texts = container.texts;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].name.empty()) continue;
    std::string_view name = nameOf(texts, i), value = texts[i].value;
    if (value.starts_with('-')) {
      const size_t equals = value.find('=');
      if (equals == std::string_view::npos || value.find(' ') != std::string_view::npos) continue;
      name = value.substr(0, equals);
      value.remove_prefix(equals + 1);
    }
    if (!value.starts_with('-') && isCredential(name, value))
      report.add(pathOf(container) + texts[i].path,
                 fmt::format("{}: flag {} has a literal value ({} characters)", describe(container),
                             printable(name), value.size()));
  }
}

constexpr bool endsWord(char c) {
  constexpr auto kEnds = [] {
    std::array<bool, 256> out{};
    for (const char end : std::string_view(" \t\n;&|\"'()")) out[static_cast<unsigned char>(end)] = true;
    return out;
  }();
  return kEnds[static_cast<unsigned char>(c)];
}

// Checks assignments and flags in a script: sh -c "export PGPASSWORD=VALUE; tool --password=VALUE". A value
// with an expansion of the shell is no literal.
void checkScript(const Container& container, const Text& text, Reporter& report) {
  std::string_view rest = text.value;
  while (!rest.empty()) {
    const size_t end = static_cast<size_t>(std::ranges::find_if(rest, endsWord) - rest.begin());
    const std::string_view word = rest.substr(0, end);
    const size_t equals = std::min(word.find('='), word.size());
    std::string_view value = word.substr(std::min(equals + 1, word.size()));
    if (equals + 1 == word.size() && end + 1 < rest.size() && (rest[end] == '"' || rest[end] == '\''))
      value = rest.substr(end + 1, rest.find(rest[end], end + 1) - end - 1);  // NAME="two words"
    if (!value.empty() && value.find_first_of("$`*") == std::string_view::npos &&
        isCredential(word.substr(0, equals), value)) {
      report.add(pathOf(container) + text.path,
                 fmt::format("{}: {} gives {} a literal value ({} characters)", describe(container),
                             fieldOf(text.path), printable(word.substr(0, equals)), value.size()));
      return;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void check(const CheckInput& input, Reporter& report) {
  for (const Container* container : input.containers) {
    for (const EnvVar& env : container->env) {
      if (isCredential(env.name, env.value))
        report.add(pathOf(*container, env), fmt::format("{}: env {} has a literal value ({} characters)",
                                                        describe(*container), env.name, env.value.size()));
      else if (env.fromConfigMap && env.value.empty() && meaningOf(env.name).held >= Held::Key &&
               !mayBePath(env.name))
        report.add(pathOf(*container, env), fmt::format("{}: env {} takes its value from a ConfigMap",
                                                        describe(*container), env.name));
    }
    checkFlags(*container, report);
    for (const Text& text : container->texts)
      if (text.name.empty() && text.value.find('=') != std::string_view::npos &&
          text.value.find_first_of(" \n") != std::string_view::npos)
        checkScript(*container, text, report);
  }
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& object = input.object;
  if (!object.is("", "ConfigMap")) return;
  for (const Literal& text : object.texts) {
    const std::string_view key = std::string_view(text.field).substr(text.field.find('.') + 1);
    if (isCredential(key, text.text))
      report.add(mapPointer(text.field),
                 fmt::format("ConfigMap {}: {} has a literal value ({} characters)", inQuotes(object.name),
                             printable(text.field), text.text.size()));
  }
}

}  // namespace

constinit const Rule kCredentialVariable = {
    .id = "SC109",
    .slug = "credential-variable",
    .title = "A variable that is known to hold a credential must not have a literal value",
    .why =
        "A program uses the value of such a variable as its credential, or as the path of one, even if the "
        "value does not have the format of a key.",
    .fix =
        "lease it by a TaskGrant (access.secrets) and let the variable name its file below "
        "/var/run/secrets/errand.dev",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(The rule rejects a literal value of:

- a variable that images, SDKs and command lines read their credentials from, such as
  `AWS_SECRET_ACCESS_KEY`, `GOOGLE_APPLICATION_CREDENTIALS`, `ANTHROPIC_API_KEY`,
  `GITHUB_TOKEN`, `PGPASSWORD` and `KUBECONFIG`
- a variable or flag whose name ends like theirs: `…PASSWORD`, `…_API_KEY`,
  `…_CLIENT_SECRET`, `…_ACCESS_TOKEN`, `--password`
- a variable or flag whose name ends with `TOKEN` or `SECRET`, if the value has letters,
  digits and no separators: with separators it may be the name of a Secret

It looks at `env`, `command` and `args` of all containers of a pod or template, and at the
keys of ConfigMaps, which containers take by `envFrom`. A variable that takes its value
from a ConfigMap by `configMapKeyRef` is rejected in the pod.

```yaml
env:
- name: PGPASSWORD
  value: hunter2   # refused
```)",
    .allowed = R"(- a path below `/var/run/secrets/errand.dev/`
- a reference such as `$(DB_PASSWORD)`, `${DB_PASSWORD}` or `vault:database#password`
- an ARN, or the name of a secret in a store
- an empty value, and a placeholder such as `<your-key>` or, for a key, `none`
- a publishable key, and names of browser keys such as `NEXT_PUBLIC_…`
- under a name that only ends like a documented one: a path, a URL, a number of up to four digits,
  and a switch such as `yes`)",
    .parameters = kParameters,
    .pods = {{kPodStages, check}},
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
