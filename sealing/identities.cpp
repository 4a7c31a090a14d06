// Who and what is meant, without saying it: people, IPs and commands by keyed hashes.

#include <algorithm>

#include "sealing/keys.hpp"

namespace boxoffice::sealing {

// An address has an @, an IP has none, and neither has a blank, so that one key serves all.
schema::PersonId Vault::person(std::string_view normalized_address) const {
  return schema::PersonId::from(keys_->pepper.of(normalized_address).bytes);
}

schema::IpId Vault::ip(std::string_view normalized_ip) const {
  return schema::IpId::from(keys_->pepper.of(normalized_ip).bytes);
}

schema::KeyId Vault::bootstrap_key(const schema::Digest& hash) const {
  std::string text = "bootstrap key ";
  text.append(reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size());
  return schema::KeyId::from(keys_->pepper.of(text).bytes);
}

schema::CommandIdentity Vault::identity(std::string_view principal, std::string_view about,
                                        std::string_view key, std::string_view request) const {
  schema::CommandIdentity identity;
  identity.id = schema::CommandId::from(keys_->command_id.of_parts({principal, about, key}).bytes);
  // The id goes in, so that equal requests under different keys are not seen to be equal.
  const schema::Digest tag = keys_->command_tag.of_parts({raw(identity.id), request});
  std::copy_n(tag.bytes.begin(), identity.tag.size(), identity.tag.begin());
  return identity;
}

}  // namespace boxoffice::sealing
