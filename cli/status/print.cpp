#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/findings/escape.hpp"
#include "cli/status/view.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

std::string cell(std::string_view text, std::string_view otherwise = "-") {
  return shown(text.empty() ? otherwise : text);
}

std::string cell(const std::optional<Time>& time) { return time ? formatTime(*time) : "-"; }

std::string accounts(const AgentView& agent) {
  std::string out;
  for (const AccountView& account : agent.accounts) {
    out += (out.empty() ? "" : ", ") + cell(account.name);
    if (!account.exists)
      out += " (not seen)";
    else if (!*account.exists)
      out += " (missing)";
  }
  return cell(out);
}

std::string slots(const AgentView& agent) {
  std::string out;
  for (const SlotView& slot : agent.slots)
    out += (out.empty() ? "" : ", ") + cell(slot.secretName) +
           (!slot.grant           ? " (not known)"
            : slot.grant->empty() ? " (empty)"
                                  : " (" + *slot.grant + ")");
  return cell(out);
}

std::string ends(const GrantView& grant, Time now) {
  if (!grant.endsAt) return "-";
  if (*grant.endsAt <= now || grant.state == "Revoking" || grant.state == "Ending") return "over";
  return "in " + formatDuration(std::chrono::ceil<Seconds>(*grant.endsAt - now));
}

using Row = std::array<std::string, 7>;

std::string table(const std::vector<Row>& rows) {
  std::array<size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string grants(const AgentView& agent, Time now) {
  if (!agent.grantsRead) return "  Grants:      not known\n";
  if (agent.grants.empty()) return "  Grants:      none\n";
  std::vector<Row> rows = {{"GRANT", "STATE", "CLASS", "WORKLOAD", "ENDS", "ASKED BY", "REFERENCE"}};
  for (const GrantView& grant : agent.grants)
    rows.push_back({cell(grant.name), grant.state, cell(grant.toolClass), cell(grant.workload),
                    ends(grant, now), cell(grant.requester), cell(grant.reference)});
  std::string out = table(rows);
  for (const GrantView& grant : agent.grants)
    if (!grant.holds && !grant.note.empty())
      out += fmt::format("  {}: {}\n", cell(grant.name), cell(grant.note));
  return out;
}

std::string nothingOf(const StatusView& view) {
  std::string out = view.only.empty() ? "no agents" : "no agent " + cell(view.only);
  if (!view.ns.empty()) out += " in namespace " + cell(view.ns);
  return out + (view.unread.empty() ? "\n" : " that you may see\n");
}

json orNull(const std::optional<Time>& time) { return time ? json(formatTime(*time)) : json(nullptr); }
json orNull(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }
template <class T>
json orNull(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json asValue(const GrantView& grant) {
  return {{"name", grant.name},
          {"state", grant.state},
          {"holdsCredentials", grant.holds},
          {"toolClass", grant.toolClass},
          {"workload", grant.workload},
          {"reference", orNull(grant.reference)},
          {"requester", orNull(grant.requester)},
          {"startedAt", orNull(grant.startedAt)},
          {"endsAt", orNull(grant.endsAt)},
          {"note", orNull(grant.note)}};
}

json asValue(const AgentView& agent) {
  json accounts = json::array(), slots = json::array(), grants = json::array();
  for (const AccountView& a : agent.accounts)
    accounts.push_back({{"name", a.name}, {"toolClass", a.toolClass}, {"exists", orNull(a.exists)}});
  for (const SlotView& s : agent.slots)
    slots.push_back({{"secretName", s.secretName}, {"toolClass", s.toolClass}, {"grant", orNull(s.grant)}});
  for (const GrantView& grant : agent.grants) grants.push_back(asValue(grant));
  return {{"namespace", agent.ns},
          {"name", agent.name},
          {"owner", orNull(agent.owner)},
          {"state", agent.state},
          {"expiresAt", orNull(agent.expiresAt)},
          {"lastGrantAt", orNull(agent.lastGrantAt)},
          {"serviceAccounts", accounts},
          {"slots", slots},
          {"grants", agent.grantsRead ? grants : json(nullptr)}};
}

}  // namespace

std::string asTable(const StatusView& view, Time now) {
  std::string out;
  for (const AgentView& agent : view.agents) {
    out += fmt::format("{}{}/{}\n", out.empty() ? "" : "\n", cell(agent.ns), cell(agent.name));
    out += fmt::format("  Owner:       {}\n", cell(agent.owner, "not known"));
    out += fmt::format("  State:       {}{}\n", agent.state,
                       agent.expiresAt ? ", expires " + formatTime(*agent.expiresAt) : "");
    out += fmt::format("  Last grant:  {}\n", cell(agent.lastGrantAt));
    out += fmt::format("  Accounts:    {}\n", accounts(agent));
    out += fmt::format("  Slots:       {}\n", slots(agent));
    out += grants(agent, now);
  }
  if (view.agents.empty()) out = nothingOf(view);
  return out;
}

std::string asJson(const StatusView& view) {
  json agents = json::array(), unread = json::array();
  for (const AgentView& agent : view.agents) agents.push_back(asValue(agent));
  for (const Unread& one : view.unread) unread.push_back({{"what", one.what}, {"message", one.message}});
  return json({{"agents", agents}, {"unread", unread}}).dump(2, ' ', false, json::error_handler_t::replace) +
         "\n";
}

}  // namespace errand::cli
