// The volume by which a grant's credentials reach its pod.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"
#include "webhook/view/podview.hpp"

namespace errand::webhook {

inline constexpr std::string_view kCredentialsVolume = "errand-credentials";
inline constexpr std::string_view kCredentialsPath = "/var/run/secrets/errand.dev";
// Where client libraries look (rest.InClusterConfig).
inline constexpr std::string_view kStandardPath = "/var/run/secrets/kubernetes.io/serviceaccount";
// The least that TokenRequest takes.
inline constexpr Seconds kTokenLifetime{600};

// The projected volume as JSON: a token for the API server where roles are
// granted, one file for each audience, ca.crt and namespace. Mode 0644, as the
// API server's own volume, so that a container of any user can read it.
// Every audience of the grant must be in the tool class.
std::string credentialsVolume(const api::TaskGrant& grant, const api::ToolClass& toolClass);

// Whether `volume` is that volume, whatever the order of its fields.
bool isCredentialsVolume(const Volume& volume, const api::TaskGrant& grant, const api::ToolClass& toolClass);

// Where it is mounted: at the standard path, too, where roles are granted.
std::vector<std::string_view> credentialsPaths(const api::TaskGrant& grant);

// The mount as JSON.
std::string credentialsMount(std::string_view path);

}  // namespace errand::webhook
