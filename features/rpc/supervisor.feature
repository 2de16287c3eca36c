@rpc
Feature: Log in with the approval of a supervisor
  The password of such an account obtains the id of a login that waits. Its
  supervisor approves it, and gets the code that then obtains the token.

  @RPC-29 @alone @needs:supervised
  Scenario Outline: Over <transport> the password of a supervised account alone obtains no token
    Given the throttle is reset
    When the supervised account logs in over <transport>
    Then "error_code" is "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED"
    And "auth_second_factor_info.type" is "SUPERVISOR"
    And "auth_second_factor_info.session_id" is a non-empty string
    And no token is in the answer

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-29 @alone @needs:supervised
  Scenario Outline: Over <transport> a login that its supervisor approves obtains a token
    Given the throttle is reset
    And the supervised account logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When the supervisor approves the login over <transport>
    Then "error_code" is "AUTHENTICATE_SFC_OK"
    And "verification_code" is a non-empty string
    When the code of the approval is sent over <transport>
    Then "error_code" is "AUTHENTICATE_CODE_OK"
    And "token_value" is a non-empty string

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @guess @needs:supervised
  Scenario Outline: Over <transport> a login that nobody has approved obtains no token
    Given the throttle is reset
    And the supervised account logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When a made-up code is sent over <transport>
    Then the login is refused
    And no token is in the answer
    But the supervisor approves the login over <transport>
    And the code of the approval obtains a token over <transport>

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @alone @needs:supervised
  Scenario Outline: Over <transport> a login is not approved without a token
    Given the throttle is reset
    And the supervised account logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When somebody without a token approves the login over <transport>
    Then the call is refused
    And no code is in the answer
    But the supervisor approves the login over <transport>
    And the code of the approval obtains a token over <transport>

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @alone @needs:supervised @needs:limited_account
  Scenario Outline: Over <transport> a login is not approved by another account
    Given the throttle is reset
    And the supervised account logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When the limited account approves the login over <transport>
    Then "error_code" is "AUTHENTICATE_SFC_WRONG_SUPERVISOR"
    And no code is in the answer
    But the supervisor approves the login over <transport>
    And the code of the approval obtains a token over <transport>

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @alone @needs:supervised
  Scenario Outline: Over <transport> a login that its supervisor declines is not approved any more
    Given the throttle is reset
    And the supervised account logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When the supervisor declines the login over <transport>
    Then "error_code" is "AUTHENTICATE_SFC_OK"
    When the supervisor approves the login over <transport>
    Then the call is refused
    And no code is in the answer

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |
