#include "gateway/auth/principal.hpp"

namespace boxoffice::gateway {

std::string_view to_text(Who who) {
  switch (who) {
    case Who::anyone:
      return "anyone";
    case Who::holder:
      return "holder";
    case Who::gate:
      return "gate";
    case Who::supervisor:
      return "supervisor";
    case Who::auditor:
      return "auditor";
    case Who::analyst:
      return "analyst";
    case Who::organizer:
      return "organizer";
    case Who::admin:
      return "admin";
  }
  return "";
}

Who who_of(schema::Role role) {
  switch (role) {
    case schema::Role::gate:
      return Who::gate;
    case schema::Role::supervisor:
      return Who::supervisor;
    case schema::Role::auditor:
      return Who::auditor;
    case schema::Role::analyst:
      return Who::analyst;
    case schema::Role::organizer:
      return Who::organizer;
    case schema::Role::admin:
      return Who::admin;
  }
  return Who::anyone;
}

}  // namespace boxoffice::gateway
