@rpc
Feature: Log in with a second factor
  The password of such an account obtains the id of a login that waits. The code
  of its authenticator then obtains the token.

  @RPC-29 @alone @needs:authenticator
  Scenario Outline: Over <transport> the password alone obtains no token
    Given the throttle is reset
    When the account with a second factor logs in over <transport>
    Then "error_code" is "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED"
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

  @RPC-29 @alone @needs:authenticator
  Scenario Outline: Over <transport> the right verification code obtains a token
    Given the throttle is reset
    And the authenticator shows a new code
    And the account with a second factor logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When the right verification code is sent over <transport>
    Then "error_code" is "AUTHENTICATE_CODE_OK"
    And "token_value" is a non-empty string
    When the protected method is called over <transport> with the token
    Then it is accepted

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @guess @needs:authenticator
  Scenario Outline: Over <transport> a wrong verification code obtains no token
    Given the throttle is reset
    And the authenticator shows a new code
    And the account with a second factor logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When a wrong verification code is sent over <transport>
    Then "error_code" is "AUTHENTICATE_CODE_TFA_WRONG_CODE"
    And no token is in the answer
    But the right verification code obtains a token over <transport>

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @guess @needs:authenticator
  Scenario Outline: Over <transport> a verification code is good for one login
    Given the throttle is reset
    And the authenticator shows a new code
    And the account with a second factor logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    And the right verification code is sent over <transport>
    And "token_value" is a non-empty string
    And the account with a second factor logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When the used verification code is sent over <transport>
    Then "error_code" is "AUTHENTICATE_CODE_TFA_WRONG_CODE"
    And no token is in the answer

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @guess @needs:authenticator
  Scenario Outline: Over <transport> a verification code obtains no token for a login that nobody began
    Given the throttle is reset
    And the authenticator shows a new code
    And the account with a second factor logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When the right verification code is sent over <transport> for an unknown login
    Then the login is refused
    And no token is in the answer
    But the authenticator shows a new code
    And the right verification code obtains a token over <transport>

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @clock @needs:authenticator
  Scenario Outline: Over <transport> the login does not wait longer than it says
    Given the throttle is reset
    And the authenticator shows a new code
    And the account with a second factor logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    And it is past "auth_second_factor_info.session_expires_at"
    When the right verification code is sent over <transport>
    Then "error_code" is "AUTHENTICATE_CODE_TFA_TIME_EXCEEDED"
    And no token is in the answer

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-30 @throttle @needs:authenticator
  Scenario Outline: Over <transport> the codes that may be tried are limited
    Given the throttle is reset
    And the authenticator shows a new code
    And the account with a second factor logs in over <transport>
    And "auth_second_factor_info.session_id" is a non-empty string
    When 10 wrong verification codes are sent over <transport>
    And the right verification code is sent over <transport>
    Then the login is refused
    And no token is in the answer
    And one of the refusals is "AUTHENTICATE_CODE_TFA_ATTEMPT_LIMIT_EXCEEDED", or a throttle's

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |
