#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "cli/command/command.hpp"
#include "rules/catalogue/page.hpp"

namespace errand::cli {
namespace {

struct Flags {
  std::string id, folder;
};

int list() {
  std::cout << fmt::format("{:<5}  {:<8}  {:<26}  {}\n", "RULE", "SEVERITY", "NAME", "REFUSES");
  for (const rules::Rule* rule : rules::catalogue())
    std::cout << fmt::format("{:<5}  {:<8}  {:<26}  {}\n", rule->id, toString(rule->severity), rule->slug,
                             rule->title);
  return 0;
}

int explain(const std::string& id) {
  for (const rules::Rule* rule : rules::catalogue())
    if (rule->id == id || rule->slug == id) {
      std::cout << pageOf(*rule);
      return 0;
    }
  std::cerr << fmt::format("there is no rule {}; `kubectl-errand rules` lists them\n", id);
  return 2;
}

bool write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) std::cerr << fmt::format("cannot write {}\n", path.string());
  return static_cast<bool>(file);
}

int writePages(const std::filesystem::path& folder) {
  bool written = write(folder / "README.md", rules::indexPage());
  for (const rules::Rule* rule : rules::catalogue())
    written = write(folder / (std::string(rule->id) + ".md"), pageOf(*rule)) && written;
  return written ? 0 : 2;
}

}  // namespace

void addRules(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* rules = app.add_subcommand("rules", "Lists the rules, or explains one of them.");
  rules->add_option("rule", flags->id, "An id such as SC107, or a name such as automount")->type_name("RULE");
  rules->add_option("--markdown", flags->folder, "Write the page of every rule into this folder")
      ->type_name("FOLDER");
  rules->callback([flags, &chosen] {
    chosen = [flags] {
      if (!flags->folder.empty()) return writePages(flags->folder);
      return flags->id.empty() ? list() : explain(flags->id);
    };
  });
}

}  // namespace errand::cli
