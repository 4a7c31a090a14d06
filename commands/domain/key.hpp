#pragma once

#include <unordered_map>

#include "commands/domain/decision.hpp"

/// API keys: made, ended, used; and what was opened with them.
namespace boxoffice::domain {

/// Whether a key that was made works still. One that has ended is remembered for good: its id
/// derives from the command that made it, which may come again when nobody remembers the command.
enum class KeyState : std::uint8_t { works, ended };

/// All keys that were ever made. Who may do what with one is the gateway's to judge.
using Keys = std::unordered_map<schema::KeyId, KeyState, schema::IdHash>;

bool works(const Keys& keys, const schema::KeyId& key);

Decision decide(const Keys& keys, const schema::CreateKey& command, const Asked&);
Decision decide(const Keys& keys, const schema::DeleteKey& command, const Asked&);
Decision decide(const Keys& keys, const schema::RecordKeyUse& command, const Asked&);
/// The key need not be among them: the bootstrap key is on no log.
Decision decide(const Keys& keys, const schema::OpenSealedData& command, const Asked&);

}  // namespace boxoffice::domain
