#pragma once

#include "sealing/hashing.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::sealing {

/// One key a purpose: what is computed with one says nothing about another.
struct Vault::Keys {
  Mac pepper;
  Mac command_id;
  Mac command_tag;
  Mac claim_token;
  Mac api_key;
  Secret wrap;

  explicit Keys(const Roots& roots)
      : pepper(roots.pepper.bytes),
        command_id(subkey(roots.master, "command-id").bytes),
        command_tag(subkey(roots.master, "command-tag").bytes),
        claim_token(subkey(roots.master, "claim-token").bytes),
        api_key(subkey(roots.master, "api-key").bytes),
        wrap(subkey(roots.master, "wrap")) {}
};

template <class Tag>
std::string_view raw(const schema::Id<Tag>& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

}  // namespace boxoffice::sealing
