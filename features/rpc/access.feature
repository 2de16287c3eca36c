@rpc
Feature: What a token grants access to
  A token travels as a Bearer over HTTP, and over gRPC as metadata under the
  name that the login answered. The manifest names the protected method.

  @RPC-06
  Scenario: The token as a Bearer grants access to the protected method over HTTP
    Given a token obtained over HTTP
    When the protected method is called over HTTP with the token
    Then it is accepted

  @RPC-15
  Scenario: The token as metadata grants access to RenewSession over gRPC
    Given a token obtained over gRPC
    When RenewSession is called over gRPC with the token
    Then the gRPC status is "OK"
    And "error_code" is "AUTHENTICATE_CODE_OK"

  @RPC-15
  Scenario: The token as metadata grants access to CloseSession over gRPC
    Given a token obtained over gRPC
    When CloseSession is called over gRPC with the token
    Then the gRPC status is "OK"

  @RPC-16
  Scenario Outline: Over gRPC <method> without a token is refused
    When <method> is called over gRPC without a token
    Then the call is refused
    But a token obtained over gRPC
    And <method> is called over gRPC with the token
    And it is accepted

    Examples:
      | method               |
      | RenewSession         |
      | CloseSession         |
      | the protected method |

  @RPC-16
  Scenario Outline: Over gRPC <method> with a garbled token is refused
    Given a token obtained over gRPC
    When <method> is called over gRPC with a garbled token
    Then the call is refused
    But <method> is called over gRPC with the token
    And it is accepted

    Examples:
      | method               |
      | RenewSession         |
      | CloseSession         |
      | the protected method |

  @RPC-17
  Scenario Outline: Over gRPC <method> without a token is UNAUTHENTICATED
    Given a token obtained over gRPC
    When <method> is called over gRPC without a token
    Then the gRPC status is "UNAUTHENTICATED"
    But <method> is called over gRPC with the token
    And it is accepted

    Examples:
      | method               |
      | RenewSession         |
      | CloseSession         |
      | the protected method |

  @RPC-25
  Scenario Outline: Over HTTP access to <method> is denied without authorization
    When <method> is called over HTTP without a token
    Then the call is refused
    But a token obtained over HTTP
    And <method> is called over HTTP with the token
    And it is accepted

    Examples:
      | method               |
      | the protected method |
      | RenewSession         |
      | CloseSession         |

  @RPC-25
  Scenario Outline: Over HTTP access to <method> is denied to a garbled Bearer
    Given a token obtained over HTTP
    When <method> is called over HTTP with a garbled token
    Then the call is refused
    But <method> is called over HTTP with the token
    And it is accepted

    Examples:
      | method               |
      | the protected method |
      | RenewSession         |
      | CloseSession         |

  @RPC-25 @guess
  Scenario Outline: Over HTTP access to <method> is denied to a wrong password in Basic
    Given the throttle is reset
    And a token obtained over HTTP
    When <method> is called over HTTP with a wrong password in Basic
    Then the call is refused
    But <method> is called over HTTP with the token
    And it is accepted

    Examples:
      | method               |
      | the protected method |
      | RenewSession         |

  @RPC-21 @clock
  Scenario Outline: Over <transport> an expired token grants no access
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When it is just before the token's end
    And the protected method is called over <transport> with the token
    Then it is accepted
    When it is just after the token's end
    And the protected method is called over <transport> with the token
    Then it is refused

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-22
  Scenario Outline: A token with <forgery> grants no access over <transport>
    Given a token obtained over <transport>
    When the protected method is called over <transport> with <forgery>
    Then it is refused
    When RenewSession is called over <transport> with <forgery>
    Then the call is refused
    But the protected method is called over <transport> with the token
    And it is accepted

    @needs:http
    Examples:
      | transport | forgery                                           |
      | HTTP      | "alg" none and no signature                       |
      | HTTP      | "alg" none and the old signature                  |
      | HTTP      | a later "exp" and the old signature               |
      | HTTP      | another "sub" and the old signature               |
      | HTTP      | other characters in its signature                 |
      | HTTP      | an HS256 signature by a key that others can have  |
      | HTTP      | an HS256 signature by its public key              |

    @needs:grpc
    Examples:
      | transport | forgery                                           |
      | gRPC      | "alg" none and no signature                       |
      | gRPC      | "alg" none and the old signature                  |
      | gRPC      | a later "exp" and the old signature               |
      | gRPC      | another "sub" and the old signature               |
      | gRPC      | other characters in its signature                 |
      | gRPC      | an HS256 signature by a key that others can have  |
      | gRPC      | an HS256 signature by its public key              |
