#include "commands/domain/key.hpp"

namespace boxoffice::domain {
namespace {

using schema::KeyRefusal;

std::optional<KeyRefusal> objection(const Keys& keys, const Asked& asked) {
  if (asked.too_late()) return KeyRefusal::too_late;
  if (!works(keys, asked.subject.as<schema::KeyTag>())) return KeyRefusal::unknown_key;
  return std::nullopt;
}

std::optional<KeyRefusal> objection_to_making(const Keys& keys, const Asked& asked) {
  if (asked.too_late()) return KeyRefusal::too_late;
  const auto known = keys.find(asked.subject.as<schema::KeyTag>());
  if (known != keys.end() && known->second == KeyState::ended) return KeyRefusal::key_ended;
  return std::nullopt;
}

}  // namespace

bool works(const Keys& keys, const schema::KeyId& key) {
  const auto known = keys.find(key);
  return known != keys.end() && known->second == KeyState::works;
}

// A repeat that came when nobody remembered it makes the same key again, for its id and its text
// derive from the command's; but none that was deleted since.
Decision decide(const Keys& keys, const schema::CreateKey& command, const Asked& asked) {
  if (const auto refusal = objection_to_making(keys, asked))
    return asked.answer(schema::KeyCreationRefused{.name = command.name,
                                                   .role = command.role,
                                                   .occasion = command.occasion,
                                                   .hash = command.hash,
                                                   .refusal = *refusal,
                                                   .ip = command.ip});
  return asked.answer(schema::KeyCreated{.name = command.name,
                                         .role = command.role,
                                         .occasion = command.occasion,
                                         .hash = command.hash,
                                         .ip = command.ip});
}

Decision decide(const Keys& keys, const schema::DeleteKey& command, const Asked& asked) {
  if (const auto refusal = objection(keys, asked))
    return asked.answer(schema::KeyDeletionRefused{.refusal = *refusal, .ip = command.ip});
  return asked.answer(schema::KeyDeleted{.ip = command.ip});
}

Decision decide(const Keys& keys, const schema::RecordKeyUse&, const Asked& asked) {
  if (const auto refusal = objection(keys, asked))
    return asked.answer(schema::KeyUseRefused{.refusal = *refusal});
  return asked.answer(schema::KeyUsed{});
}

Decision decide(const Keys&, const schema::OpenSealedData& command, const Asked& asked) {
  if (asked.too_late())
    return asked.answer(schema::SealedDataRefused{
        .filter = command.filter, .refusal = KeyRefusal::too_late, .ip = command.ip});
  return asked.answer(schema::SealedDataOpened{.filter = command.filter, .ip = command.ip});
}

}  // namespace boxoffice::domain
