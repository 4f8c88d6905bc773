// The names of TaskGrant's enumerations, and its status reader: shared by its two codec files.
#pragma once

#include "core/api/reader.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::api {

inline constexpr std::pair<std::string_view, WorkloadKind> kWorkloadKinds[] = {
    {"Job", WorkloadKind::Job},
    {"Pod", WorkloadKind::Pod},
    {"Deployment", WorkloadKind::Deployment},
    {"StatefulSet", WorkloadKind::StatefulSet}};
inline constexpr std::pair<std::string_view, DeliveryMode> kDeliveryModes[] = {
    {"Projected", DeliveryMode::Projected}, {"Slot", DeliveryMode::Slot}};
inline constexpr std::pair<std::string_view, ParentRelation> kRelations[] = {
    {"Delegation", ParentRelation::Delegation}, {"StepUp", ParentRelation::StepUp}};
inline constexpr std::pair<std::string_view, Phase> kPhases[] = {
    {"Pending", Phase::Pending},     {"AwaitingApproval", Phase::AwaitingApproval},
    {"Scheduled", Phase::Scheduled}, {"Active", Phase::Active},
    {"Completed", Phase::Completed}, {"Failed", Phase::Failed},
    {"Expired", Phase::Expired},     {"Revoked", Phase::Revoked},
    {"Denied", Phase::Denied}};

void readGrantStatus(const Reader& status, TaskGrantStatus& out);

}  // namespace errand::api
