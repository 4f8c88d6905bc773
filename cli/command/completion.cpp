// Completion for shells. It is generated from the definition of the command line, so that it has every flag.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/command/command.hpp"

namespace errand::cli {
namespace {

std::vector<std::string> flagsOf(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
  return out;
}

std::string bash(const CLI::App& app) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
    cases += fmt::format("    {}) words=\"{}\" ;;\n", command->get_name(), fmt::join(flagsOf(*command), " "));
  }
  return fmt::format(
      "# bash completion for kubectl-errand: source <(kubectl-errand completion bash)\n"
      "_kubectl_errand() {{\n"
      "  local words=\"{} {}\" current=\"${{COMP_WORDS[COMP_CWORD]}}\"\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}}\n"
      "complete -o default -F _kubectl_errand kubectl-errand\n",
      fmt::join(names, " "), fmt::join(flagsOf(app), " "), cases);
}

std::string zsh(const CLI::App& app) {
  return "#compdef kubectl-errand\nautoload -U +X bashcompinit && bashcompinit\n" + bash(app);
}

std::string fish(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : app.get_subcommands({})) {
    out += fmt::format("complete -c kubectl-errand -n __fish_use_subcommand -a {}\n", command->get_name());
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames())
        out += fmt::format("complete -c kubectl-errand -n '__fish_seen_subcommand_from {}' -l {}\n",
                           command->get_name(), name);
  }
  return out;
}

}  // namespace

void addCompletion(CLI::App& app, Command& chosen) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Prints the completion script of a shell.");
  completion->add_option("shell", *shell, "For which shell")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  completion->callback([shell, &app, &chosen] {
    chosen = [shell, &app] {
      std::cout << (*shell == "bash" ? bash(app) : *shell == "zsh" ? zsh(app) : fish(app));
      return 0;
    };
  });
}

}  // namespace errand::cli
