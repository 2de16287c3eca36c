@rpc
Feature: Ask what a token is
  GetSessionInfo tells of a live token whose it is, and until when it lives.

  @RPC-31
  Scenario Outline: GetSessionInfo over <transport> names login and end
    Given the full account logs in over <transport>
    And "expires_at" lies in the future
    And "expires_at" agrees in UTC with the life that is declared or answered
    And the protected method is called over <transport> with the token
    And it is accepted
    When GetSessionInfo is called over <transport> about the token
    Then the call succeeds
    And it names the full account's login
    And it names the end of the token

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-31
  Scenario Outline: GetSessionInfo over <transport> refuses a closed token
    Given another token obtained over <transport>
    And the protected method is called over <transport> with the other token
    And it is accepted
    And a token obtained over <transport>
    And CloseSession is called over <transport> with the token
    And the call succeeds
    When GetSessionInfo is called over <transport> about the token, with the other token
    Then it is refused

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |
