#pragma once

#include <unordered_set>

#include "commands/domain/decision.hpp"

/// API keys: made, ended, used; and what was opened with them.
namespace boxoffice::domain {

/// The keys that work. Who may do what with one is the gateway's to judge.
using Keys = std::unordered_set<schema::KeyId, schema::IdHash>;

Decision decide(const Keys& keys, const schema::CreateKey& command, const Asked&);
Decision decide(const Keys& keys, const schema::DeleteKey& command, const Asked&);
Decision decide(const Keys& keys, const schema::RecordKeyUse& command, const Asked&);
/// The key need not be among them: the bootstrap key is on no log.
Decision decide(const Keys& keys, const schema::OpenSealedData& command, const Asked&);

}  // namespace boxoffice::domain
