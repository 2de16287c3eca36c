@rpc
Feature: What a token says
  The answer to a login says when the token ends. The token itself is a JWT that
  says the same.

  @RPC-04
  Scenario Outline: expires_at over <transport> is a UTC time in the future
    Given the full account logs in over <transport>
    And "token_value" is a non-empty string
    Then "expires_at" is a time like "20201112T144147"
    And "expires_at" lies in the future
    And "expires_at" agrees in UTC with the life that is declared or answered

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-05
  Scenario Outline: The token obtained over <transport> is an RS256 JWT
    Given the full account logs in over <transport>
    And "token_value" is a non-empty string
    Then "token_value" is a JWT whose "alg" is "RS256"

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-05
  Scenario Outline: The claims of the token obtained over <transport> repeat the answer
    Given the full account logs in over <transport>
    And "token_value" is a non-empty string
    Then the claim "exp" is the time in "expires_at"
    And the claim "sub" is the text in "user_id"
    And the claim "rls" is the list in "roles_ids"
    And the claim "lgn" is the login

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |
